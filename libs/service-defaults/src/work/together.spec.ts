import { Together } from './together.js';

describe('work that is done together', () => {
  let calls: string[][];
  let ends: ((failure?: Error) => void)[];
  const work = (items: readonly string[]) => {
    calls.push([...items]);
    return new Promise<string[]>((resolve, reject) =>
      ends.push((failure) => (failure ? reject(failure) : resolve(items.map((item) => `${item} done`)))),
    );
  };
  const turn = () => new Promise(setImmediate);
  beforeEach(() => {
    calls = [];
    ends = [];
  });

  it('is one call for what comes in one turn, and nobody waits for company', async () => {
    const together = new Together(work, { most: 3, atOnce: 2 });
    const first = together.add('a');
    await turn();
    expect(calls).toEqual([['a']]);
    const others = ['b', 'c'].map((item) => together.add(item));
    await turn();
    expect(calls).toEqual([['a'], ['b', 'c']]);
    for (const end of ends) end();
    expect(await Promise.all([first, ...others])).toEqual(['a done', 'b done', 'c done']);
  });

  it('gathers while as many calls are under way as may be', async () => {
    const together = new Together(work, { most: 3, atOnce: 1 });
    const all = ['a', 'b', 'c', 'd', 'e'].map((item) => together.add(item));
    await turn();
    expect(calls).toEqual([['a', 'b', 'c']]);
    ends[0]?.();
    await Promise.all(all.slice(0, 3));
    await turn();
    expect(calls.slice(1)).toEqual([['d', 'e']]);
    ends[1]?.();
    await Promise.all(all);
  });

  it('fails for those of one call alone', async () => {
    const together = new Together(work, { most: 1, atOnce: 2 });
    const [first, second] = [together.add('a'), together.add('b')];
    await turn();
    ends[0]?.(new Error('not this one'));
    ends[1]?.();
    await expect(first).rejects.toThrow('not this one');
    await expect(second).resolves.toBe('b done');
  });

  it('refuses who comes while too many wait', async () => {
    const queue = { longest: 1, refusal: () => new Error('too many') };
    const together = new Together(work, { most: 3, atOnce: 1, queue });
    const first = together.add('a');
    await expect(together.add('b')).rejects.toThrow('too many');
    await turn();
    ends[0]?.();
    expect(await first).toBe('a done');
  });
});
