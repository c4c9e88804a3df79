import { isSpelt, meaningsOf } from './spelling.js';

describe('spelling', () => {
  it('is of words, not of numbers or initials', () => {
    expect(['yang', 'łódz', 'jo', '4377', '14th', '=p:123', '=c:us'].map(isSpelt)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('takes the nearest words for what was meant', () => {
    const similar = [
      { word: 'smith', similarity: 0.375 },
      { word: 'smythe', similarity: 0.4 },
      { word: 'seth', similarity: 0.25 },
      { word: 'smth', similarity: 1 },
    ];
    expect([...meaningsOf('smth', similar).keys()]).toEqual(['smith', 'seth']);
  });

  it('knows few meanings of one word', () => {
    const similar = Array.from('abcdefghijklmnop', (letter) => ({ word: `${letter}ang`, similarity: 0.25 }));
    expect(meaningsOf('zang', similar).size).toBe(8);
  });
});
