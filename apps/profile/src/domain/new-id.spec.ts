import { validate, version } from 'uuid';
import { newId } from './new-id.js';

describe('a new id', () => {
  const ids = Array.from({ length: 2_000 }, newId);

  it('is a UUIDv7 of now', () => {
    for (const id of ids) expect([validate(id), version(id)]).toEqual([true, 7]);
    const ms = Number.parseInt((ids[0] ?? '').replace('-', '').slice(0, 12), 16);
    expect(Math.abs(Date.now() - ms)).toBeLessThan(60_000);
  });

  it('is greater than the ones before', () => {
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('ends in bytes of its own', () => {
    expect(new Set(ids.map((id) => id.slice(-10))).size).toBe(ids.length);
  });
});
