import { isEntityTagList, matches, matchesWeakly } from './entity-tag.js';

it.each([
  ['"3"', true],
  ['"2", "3"', true],
  ['*', true],
  ['"2"', false],
  ['W/"3"', false],
  ['3', false],
])('If-Match: %s against version 3 is %s', (header, result) => {
  expect(matches(header, 3)).toBe(result);
});

it('If-None-Match compares weakly', () => {
  expect(matchesWeakly('W/"3"', 3)).toBe(true);
  expect(matchesWeakly('"4"', 3)).toBe(false);
});

it.each([
  ['"1"', true],
  ['W/"1", "2"', true],
  ['*', true],
  ['1', false],
  ['', false],
])('%s is a list of entity tags: %s', (header, result) => {
  expect(isEntityTagList(header)).toBe(result);
});
