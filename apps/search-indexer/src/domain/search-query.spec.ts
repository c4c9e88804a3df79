import { queryOf } from './search-query.js';

const terms = (q: string) => queryOf({ q }).terms;

describe('a query', () => {
  it('is its words, each once', () => {
    expect(terms('  JON Yang, jon ')).toEqual([{ word: 'jon' }, { word: 'yang' }]);
  });

  it('of nothing to look for has no terms and no identifiers', () => {
    expect(queryOf({ q: ' !!! ' })).toEqual({ terms: [], filters: [], identifiers: [] });
  });

  it('takes digits for a house, an account or the end of a telephone number', () => {
    expect(terms('yang 0162')).toContainEqual({ word: '0162', account: '=a:0162', phone: '=p:2610' });
    expect(terms('14th')).toEqual([{ word: '14th', account: '=a:14th' }]);
  });

  it('takes groups of digits for one number, or for the groups', () => {
    expect(terms('yang 1 (11) 500 555-0162')).toContainEqual({
      word: '1115005550162',
      account: '=a:1115005550162',
      phone: '=p:2610555005111',
      parts: ['1', '11', '500', '555', '0162'],
    });
    expect(terms('4700 3761 14th')[0]?.parts).toEqual(['4700', '3761']);
  });

  it('drops the trunk prefix, which the international form lacks', () => {
    expect(terms('0161 496 0000')[0]?.phone).toBe('=p:0000694161');
  });

  it('takes a hyphenated number for one word, a hyphenated name for two', () => {
    expect(terms('AW-00011000')).toEqual([
      { word: 'aw00011000', account: '=a:aw00011000', parts: ['aw', '00011000'] },
    ]);
    expect(terms('Anne-Marie')).toEqual([{ word: 'anne' }, { word: 'marie' }]);
  });

  it('may as a whole be an identifier', () => {
    expect(queryOf({ q: 'aw 00011000' }).identifiers).toContain('=a:aw00011000');
    expect(queryOf({ q: 'Jon24@Adventure-Works.com' }).identifiers).toContain('=e:jon24@adventure-works.com');
    expect(queryOf({ q: '+44 161 496 0000' }).identifiers).toContain('=p:000069416144');
    expect(queryOf({ q: 'yang 0162' }).identifiers).toEqual(['=a:yang0162']);
  });

  it('is narrowed by filters', () => {
    expect(queryOf({ q: '', country: 'FR', city: 'Orléans ' }).filters).toEqual(['=c:fr', '=t:orleans']);
  });
});
