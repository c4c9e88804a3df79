import * as fc from 'fast-check';
import { editDistance, toleratedEdits } from './edit-distance.js';

describe('editDistance', () => {
  it.each([
    ['yang', 'yang', 0],
    ['yagn', 'yang', 1],
    ['jhon', 'john', 1],
    ['smth', 'smith', 1],
    ['johnn', 'john', 1],
    ['kang', 'yang', 1],
    ['chrsity', 'christy', 1],
    ['abc', 'xyz', 3],
    ['', 'abc', 3],
  ])('of %s and %s is %i', (a, b, edits) => {
    expect(editDistance(a, b, 3)).toBe(edits);
    expect(editDistance(b, a, 3)).toBe(edits);
  });

  it('stops at the limit', () => expect(editDistance('abcdef', 'uvwxyz', 2)).toBe(3));

  it('is at most the limit exactly when the unlimited one is', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(word, word, fc.nat(4), (a, b, limit) => {
        const exact = editDistance(a, b, 100);
        expect(editDistance(a, b, limit)).toBe(Math.min(exact, limit + 1));
      }),
    );
  });
});

it('a longer word may hold more slips', () => {
  expect(['jo', 'jon', 'smith', 'thomas'].map(toleratedEdits)).toEqual([0, 1, 1, 2]);
});
