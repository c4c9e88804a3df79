import { millisecondsOf } from './duration.js';

it.each([
  ['5s', 5_000],
  ['500ms', 500],
  ['0.5s', 500],
  ['0ms', 0],
])('%s is %i ms', (text, milliseconds) => expect(millisecondsOf(text)).toBe(milliseconds));

it.each(['', '5', 's', '-1s', '5 s', '5m', '1e3ms', 'Infinitys', '5s ', '.5s'])(
  '%j is no duration',
  (text) => {
    expect(millisecondsOf(text)).toBeUndefined();
  },
);
