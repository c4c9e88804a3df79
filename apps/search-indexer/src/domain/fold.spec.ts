import * as fc from 'fast-check';
import { digitsOf, fold, indexedWordsOf, wordsOf } from './fold.js';

describe('fold', () => {
  it.each([
    ['ÉLODIE', 'elodie'],
    ['Yáñez', 'yanez'],
    ['Straße', 'strasse'],
    ['STRASSE', 'strasse'],
    ['Øster Æbeløgade', 'oster aebelogade'],
    ['Łódź', 'lodz'],
    ['İstanbul', 'istanbul'],
    ['Þórður', 'thordur'],
    ['ＦＵＬＬ ｗｉｄｔｈ', 'full width'],
    ['Nguyễn', 'nguyen'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['ﬁn', 'fin'],
  ])('reads %s as %s', (text, folded) => expect(fold(text)).toBe(folded));

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = fold(text);
        expect(fold(once)).toBe(once);
      }),
    );
  });
});

describe('words', () => {
  it('are told apart by whatever is neither letter nor digit', () => {
    expect(wordsOf('3761 N. 14th St')).toEqual(['3761', 'n', '14th', 'st']);
    expect(wordsOf('Ro\u{fffd}str  9928')).toEqual(['ro', 'str', '9928']);
    expect(wordsOf(' ,;! ')).toEqual([]);
  });

  it('join at an apostrophe', () => expect(wordsOf("O'Brien l’Esplanade")).toEqual(['obrien', 'lesplanade']));

  it('are found with and without apostrophe, umlaut and its transcription', () => {
    expect(indexedWordsOf("O'Brien")).toEqual(['obrien', 'o', 'brien']);
    expect(indexedWordsOf('Müller')).toEqual(['muller', 'mueller']);
    expect(indexedWordsOf('Mu\u0308ller')).toEqual(['muller', 'mueller']);
  });

  it('of a text are always among those it is found by', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(indexedWordsOf(text)).toEqual(expect.arrayContaining(wordsOf(text)));
      }),
    );
  });
});

it('a telephone number is its digits, in whatever script', () => {
  expect(digitsOf('+1 (11) 500 555-0162')).toBe('1115005550162');
  expect(digitsOf('０１２')).toBe('012');
});
