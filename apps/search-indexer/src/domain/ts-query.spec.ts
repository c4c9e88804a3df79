import { queryOf } from './search-query.js';
import { tsQueryOf } from './ts-query.js';

const spellings = new Map([['jhon', new Map([['john', 0.8]])]]);

describe('tsQueryOf', () => {
  const query = queryOf({ q: 'jhon yang', country: 'AU' });

  it('asks for all words, or the whole as an identifier, within the filters', () => {
    expect(tsQueryOf(query, { width: 'exact' })).toBe(`((('jhon') & ('yang')) | '=a:jhonyang') & '=c:au'`);
  });

  it('asks for words that begin so', () => {
    expect(tsQueryOf(query, { width: 'prefix' })).toContain(`('jhon':*) & ('yang':*)`);
  });

  it('asks for what may have been meant', () => {
    expect(tsQueryOf(query, { width: 'spelling', spellings })).toContain(`('jhon':* | 'john')`);
  });

  it('lets one of three words miss, not one of two', () => {
    const three = queryOf({ q: 'a1 b2 c3' });
    expect(tsQueryOf({ ...three, identifiers: [] }, { width: 'allButOne', spellings })).toBe(
      `((('b2':* | '=a:b2') & ('c3':* | '=a:c3')) | (('a1':* | '=a:a1') & ('c3':* | '=a:c3')) | (('a1':* | '=a:a1') & ('b2':* | '=a:b2')))`,
    );
    expect(tsQueryOf(query, { width: 'allButOne', spellings })).toBe(
      tsQueryOf(query, { width: 'spelling', spellings }),
    );
  });

  it('leaves a lone letter to the ranking, unless there is nothing else', () => {
    expect(tsQueryOf(queryOf({ q: 'j yang' }), { width: 'prefix' })).not.toContain(`'j'`);
    expect(tsQueryOf(queryOf({ q: 'j' }), { width: 'prefix' })).toContain(`'j':*`);
  });

  it('quotes what it did not write itself', () => {
    const email = queryOf({ q: `o'x\\@y'|&` }).identifiers.filter((key) => key.startsWith('=e:'));
    expect(tsQueryOf({ terms: [], filters: [], identifiers: email }, { width: 'exact' })).toBe(
      `('=e:o''x\\\\@y''|&')`,
    );
  });

  it('is empty when nothing is asked for', () => {
    expect(tsQueryOf(queryOf({ q: '!' }), { width: 'exact' })).toBe('');
  });
});
