import { KeyCache } from './key-cache.js';
import { KeyServiceError, type PersonalDataKey } from './key-source.js';

describe('the key cache', () => {
  let asked: string[][];
  const source = {
    fetch: async (ids: readonly string[]) => {
      asked.push([...ids]);
      const known = ids.filter((id) => id !== 'unknown');
      return new Map(
        known.map((id): [string, PersonalDataKey] => [id, { erased: false, key: Buffer.from(id) }]),
      );
    },
  };
  beforeEach(() => {
    asked = [];
  });

  it('asks for what is missing only, a thousand at once', async () => {
    const cache = new KeyCache(source, 5_000);
    const ids = Array.from({ length: 2_500 }, (_, n) => `c${n}`);
    await cache.get(new Set(ids.slice(0, 1)));
    const keys = await cache.get(new Set(ids));
    expect(keys.size).toBe(2_500);
    expect(asked.map(({ length }) => length)).toEqual([1, 1_000, 1_000, 499]);
  });

  it('keeps no more than it may, those used last, and answers all the same', async () => {
    const cache = new KeyCache(source, 2);
    expect((await cache.get(new Set(['a', 'b', 'c']))).size).toBe(3);
    expect(cache.size).toBe(2);
    await cache.get(new Set(['b']));
    await cache.get(new Set(['d']));
    await cache.get(new Set(['b']));
    expect(asked).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('never takes a missing answer for an erasure', async () => {
    await expect(new KeyCache(source, 2).get(new Set(['unknown']))).rejects.toBeInstanceOf(KeyServiceError);
  });

  it('asks again for a customer it was told to forget', async () => {
    const cache = new KeyCache(source, 2);
    await cache.get(new Set(['a']));
    cache.forget('a');
    await cache.get(new Set(['a']));
    expect(asked).toEqual([['a'], ['a']]);
  });
});
