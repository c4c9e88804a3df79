import { queryOf } from './search-query.js';
import { filterQueryOf, shortWordsOf, tsQueryOf } from './ts-query.js';

const beginnings = new Map<string, string[]>();
const spellings = new Map([['jhon', new Map([['john', 0.8]])]]);

describe('tsQueryOf', () => {
  const query = queryOf({ q: 'jhon yang', country: 'AU' });

  it('asks for all words, or the whole as an identifier, within the filters', () => {
    expect(tsQueryOf(query, { width: 'exact' })).toBe(`((('jhon') & ('yang'))) & '=c:au'`);
    expect(tsQueryOf(query, { width: 'identifier' })).toBe(`('=a:jhonyang') & '=c:au'`);
    expect(filterQueryOf(query)).toBe(`'=c:au'`);
  });

  it('asks for names, whole or as beginnings', () => {
    expect(tsQueryOf(query, { width: 'name' })).toBe(`(('jhon' & 'yang')) & '=c:au'`);
    expect(tsQueryOf(query, { width: 'namePrefix', beginnings })).toContain(`('jhon':* & 'yang':*)`);
  });

  it('asks for words that begin so', () => {
    expect(tsQueryOf(query, { width: 'prefix', beginnings })).toContain(`('jhon':*) & ('yang':*)`);
  });

  it('asks for what may have been meant', () => {
    expect(tsQueryOf(query, { width: 'spelling', spellings })).toContain(`('jhon':* | 'john')`);
  });

  it('leaves "st" among many words to the ranking as well', () => {
    const query = queryOf({ q: 'high st perth' });
    expect(tsQueryOf(query, { width: 'prefix', beginnings })).toContain(`('high':*) & ('perth':*)`);
    expect(tsQueryOf(query, { width: 'exact' })).toContain(`('high') & ('st') & ('perth')`);
  });

  it('asks for the words that one or two letters begin', () => {
    const ja = new Map([['ja', ['jan', 'jack']]]);
    const query = queryOf({ q: 'ja yang' });
    expect(shortWordsOf(query)).toEqual(['ja']);
    expect(tsQueryOf(query, { width: 'namePrefix', beginnings: ja })).toBe(
      `((('ja' | 'jan' | 'jack') & 'yang':*))`,
    );
    expect(tsQueryOf(query, { width: 'prefix', beginnings: ja })).toContain(`('ja' | 'jan' | 'jack')`);
  });

  it('lets one of three words miss, not one of two', () => {
    const three = queryOf({ q: 'a10 b20 c30' });
    expect(tsQueryOf(three, { width: 'allButOne', spellings })).toBe(
      `((('b20' | '=a:b20') & ('c30' | '=a:c30')) | (('a10' | '=a:a10') & ('c30' | '=a:c30')) | (('a10' | '=a:a10') & ('b20' | '=a:b20')))`,
    );
    expect(tsQueryOf(query, { width: 'allButOne', spellings })).toBe(
      tsQueryOf(query, { width: 'spelling', spellings }),
    );
  });

  it('leaves a lone letter to the ranking, unless there is nothing else', () => {
    expect(tsQueryOf(queryOf({ q: 'j yang' }), { width: 'prefix', beginnings })).not.toContain(`'j'`);
    expect(tsQueryOf(queryOf({ q: 'j' }), { width: 'prefix', beginnings })).toContain(`'j':*`);
  });

  it('quotes what it did not write itself', () => {
    const email = queryOf({ q: `o'x\\@y'|&` }).identifiers.filter((key) => key.startsWith('=e:'));
    expect(tsQueryOf({ terms: [], filters: [], identifiers: email }, { width: 'identifier' })).toBe(
      `('=e:o''x\\\\@y''|&')`,
    );
  });

  it('is empty when nothing is asked for', () => {
    for (const width of ['identifier', 'name', 'exact'] as const)
      expect(tsQueryOf(queryOf({ q: '!', country: 'AU' }), { width })).toBe('');
  });
});
