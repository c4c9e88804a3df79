import { cursorAfter, positionOf } from './cursor.js';
import { Problem } from './problem.js';

const query = { email: 'a@example.org', accountNumber: undefined };
const cursor = cursorAfter('0190a1b2-0000-7000-8000-00000000dead', query);

describe('a cursor', () => {
  it('leads to where it was made, for the same question only', () => {
    expect(positionOf(cursor, { email: 'a@example.org' })).toBe('0190a1b2-0000-7000-8000-00000000dead');
    expect(() => positionOf(cursor, { email: 'b@example.org' })).toThrow(Problem);
    expect(() => positionOf(cursor, {})).toThrow(Problem);
  });

  it('altered anywhere is none of ours', () => {
    const altered = Array.from(cursor, (letter, at) =>
      ['A', 'b', '9', '']
        .filter((other) => other !== letter)
        .map((other) => cursor.slice(0, at) + other + cursor.slice(at + 1)),
    ).flat();
    for (const other of [...altered, '', `${cursor}A`, `${cursor}=`, ` ${cursor}`])
      expect(() => positionOf(other, query)).toThrow(Problem);
  });
});
