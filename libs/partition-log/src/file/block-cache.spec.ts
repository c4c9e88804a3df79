import { BlockCache } from './block-cache.js';
import type { Segment } from './segment.js';

const BLOCK_BYTES = 256 * 1024;

const segment = (path: string) => ({ path, removed: false }) as Segment;
const [a, b] = [segment('a'), segment('b')];

/** A disk whose reads end when a test says so: a byte of the target says how often it was read. */
class Reads {
  readonly targets: Buffer[] = [];
  private readonly ends: ((length: number | Error) => void)[] = [];

  readonly read = (target: Buffer): Promise<number> => {
    target[0] = this.targets.push(target);
    return new Promise((resolve, reject) => {
      this.ends.push((end) => (typeof end === 'number' ? resolve(end) : reject(end)));
    });
  };

  /** Lets the oldest read end, and whoever waits for it go on. */
  async end(end: number | Error = 1_000): Promise<void> {
    this.ends.shift()?.(end);
    await new Promise(setImmediate);
  }
}

const first = (records: Buffer) => records[0];

describe('the cache of what was read from disk', () => {
  it('lets who follows read what is there, from any place in it', async () => {
    const [cache, reads] = [new BlockCache(BLOCK_BYTES * 2), new Reads()];
    const filled = cache.fill(a, 5_000, reads.read, first);
    expect(cache.from(a, 5_000)).toBeUndefined(); // not checked yet
    await reads.end();
    expect(await filled).toBe(1);
    expect(cache.from(a, 5_000)).toHaveLength(1_000);
    expect(cache.from(a, 5_400)).toHaveLength(600);
    expect(cache.from(a, 6_000)).toBeUndefined();
    expect(cache.from(a, 4_999)).toBeUndefined();
    expect(cache.from(b, 5_000)).toBeUndefined();
  });

  it('reads once for all who wait for the same place', async () => {
    const [cache, reads] = [new BlockCache(BLOCK_BYTES * 2), new Reads()];
    const one = cache.fill(a, 0, reads.read, first);
    const others = [cache.fill(a, 0, reads.read, first), cache.fill(a, 300, reads.read, first)];
    await reads.end();
    expect(await one).toBe(1);
    expect(await Promise.all(others)).toEqual([undefined, undefined]);
    expect(reads.targets).toHaveLength(1);
  });

  it('keeps no more than it may, and what was looked at last', async () => {
    const [cache, reads] = [new BlockCache(BLOCK_BYTES * 2), new Reads()];
    for (const at of [0, 10_000, 20_000]) {
      if (at === 20_000) cache.from(a, 0);
      const filled = cache.fill(a, at, reads.read, first);
      await reads.end();
      await filled;
    }
    expect(new Set(reads.targets).size).toBe(2);
    expect(cache.from(a, 0)).toBeDefined();
    expect(cache.from(a, 10_000)).toBeUndefined();
    expect(cache.from(a, 20_000)).toBeDefined();
  });

  it('never takes memory that is being read into: who finds none waits', async () => {
    const [cache, reads] = [new BlockCache(BLOCK_BYTES * 2), new Reads()];
    const [one, two] = [cache.fill(a, 0, reads.read, first), cache.fill(b, 0, reads.read, first)];
    let told = false;
    const three = cache.fill(a, 50_000_000, reads.read, first).then((found) => {
      told = true;
      return found;
    });
    await new Promise(setImmediate);
    expect(told).toBe(false);
    expect(reads.targets).toHaveLength(2);
    await reads.end();
    expect(await three).toBeUndefined(); // to look again: there is room now
    const again = cache.fill(a, 50_000_000, reads.read, first);
    expect(reads.targets[2]).toBe(reads.targets[0]);
    await reads.end();
    await reads.end();
    expect(await Promise.all([one, two, again])).toEqual([1, 2, 3]);
  });

  it('shows a block to who has read it before anybody takes its place', async () => {
    const [cache, reads] = [new BlockCache(BLOCK_BYTES), new Reads()];
    const seen: (number | undefined)[] = [];
    const look = (records: Buffer) => void seen.push(first(records));
    const patient = async (at: number): Promise<void> => {
      const before = seen.length;
      await cache.fill(a, at, reads.read, look);
      if (seen.length === before) await patient(at);
    };
    const all = [0, 10_000_000, 20_000_000].map((at) => cache.fill(a, at, reads.read, look));
    await reads.end();
    await Promise.all(all);
    expect(seen).toEqual([1]);
    const rest = patient(10_000_000);
    await reads.end();
    await rest;
    expect(seen).toEqual([1, 2]);
  });

  it('holds nothing of a read that failed; who waited for it reads himself', async () => {
    const [cache, reads] = [new BlockCache(BLOCK_BYTES), new Reads()];
    const failing = cache.fill(a, 0, reads.read, first);
    const waiting = cache.fill(a, 0, reads.read, first);
    const failed = failing.catch((error: Error) => error.message);
    await reads.end(new Error('a damaged record'));
    expect(await failed).toBe('a damaged record');
    expect(await waiting).toBeUndefined();
    expect(cache.from(a, 0)).toBeUndefined();
    const again = cache.fill(a, 0, reads.read, first);
    await reads.end();
    expect(await again).toBe(2);
  });
});
