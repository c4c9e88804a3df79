import * as fc from 'fast-check';
import { editDistance } from './edit-distance.js';
import { nearSpellings } from './near-spellings.js';

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'ж'), minLength: 1, maxLength: 6 });

describe('nearSpellings', () => {
  it('are one slip away, each once', () => {
    const near = nearSpellings('smith');
    expect(new Set(near.map((one) => editDistance('smith', one, 2)))).toEqual(new Set([1]));
    expect(new Set(near).size).toBe(near.length);
    expect(near).toEqual(
      expect.arrayContaining(['smth', 'smitth', 'smyth', 'simth', 'smiht', 'mith', 'smithe']),
    );
  });

  it('leave out none of the word’s own letters', () => {
    fc.assert(
      fc.property(word, word, (one, other) => {
        fc.pre(
          editDistance(one, other, 2) === 1 && Array.from(other).every((letter) => one.includes(letter)),
        );
        expect(nearSpellings(one)).toContain(other);
      }),
    );
  });
});
