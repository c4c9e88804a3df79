import { nestingOf } from './nesting.js';

it.each([
  ['1', 0],
  ['{}', 1],
  ['{"a":[{}]}', 3],
  ['[1,[2],[3,[4]]]', 3],
  ['{"a":"[[[["}', 1],
  [String.raw`{"a":"\"[[[["}`, 1],
  [`${'['.repeat(10_000)}${']'.repeat(10_000)}`, 10_000],
])('%.30s is nested %i deep', (json, depth) => {
  expect(nestingOf(json)).toBe(depth);
});
