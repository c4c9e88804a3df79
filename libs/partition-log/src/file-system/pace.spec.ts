import { Pace } from './pace.js';

describe('the pace of a disk', () => {
  let clock = 0;
  const taking = (ms: number) => () => void (clock += ms);
  const syncInPool = (pace: Pace, ms: number) => pace.syncInPool(async () => taking(ms)());

  /** How many syncs of so long it takes until one may be done at once. */
  const syncsUntilQuick = async (pace: Pace, ms: number): Promise<number> => {
    for (let syncs = 0; ; syncs++) {
      if (pace.maySyncAtOnce || syncs === 100) return syncs;
      await syncInPool(pace, ms);
    }
  };

  const quick = async () => {
    const pace = new Pace(() => clock);
    expect(await syncsUntilQuick(pace, 0.2)).toBeGreaterThan(10); // it has to show it
    for (let i = 0; i < 50; i++) await syncInPool(pace, 0.2);
    return pace;
  };

  it('keeps a slow disk in the pool', async () => {
    const pace = new Pace(() => clock);
    expect(pace.mayWriteAtOnce).toBe(false);
    expect(await syncsUntilQuick(pace, 0.6)).toBe(100);
    expect(pace.mayWriteAtOnce).toBe(true);
    expect(await syncsUntilQuick(pace, 50)).toBe(100);
    expect(pace.mayWriteAtOnce).toBe(false);
  });

  it.each<[string, (pace: Pace, ms: number) => Promise<void>]>([
    ['a sync at once', async (pace, ms) => pace.syncAtOnce(taking(ms))],
    ['a sync in the pool', syncInPool],
    ['a write', async (pace, ms) => void pace.writeAtOnce(() => (clock += ms))],
  ])('stops at %s that takes long, for the longer', async (_what, take) => {
    const pace = await quick();
    await take(pace, 2);
    clock += 10; // 0.2 ms seven times, and 2 ms: less than half a millisecond
    expect(pace.maySyncAtOnce).toBe(true);
    await take(pace, 500);
    clock += 2_000;
    expect(pace.mayWriteAtOnce).toBe(false);
    expect(await syncsUntilQuick(pace, 0.2)).toBeGreaterThan(30);
  });

  it('lets the event loop go on for three times as long as it was stopped', async () => {
    const pace = await quick();
    pace.syncAtOnce(taking(0.3));
    expect(pace.maySyncAtOnce).toBe(false);
    clock += 0.8;
    expect(pace.maySyncAtOnce).toBe(false);
    clock += 0.2;
    expect(pace.maySyncAtOnce).toBe(true);
  });

  it('does not sync at once while the pool does', async () => {
    const pace = await quick();
    let done = () => undefined as void;
    const pooled = pace.syncInPool(() => new Promise<void>((resolve) => (done = resolve)));
    expect(pace.maySyncAtOnce).toBe(false);
    done();
    await pooled;
    expect(pace.maySyncAtOnce).toBe(true);
  });

  it('counts what fails too, and passes the error on', async () => {
    const fails = () => {
      clock += 50;
      throw new Error('EIO');
    };
    for (const fail of [
      async (pace: Pace) => void pace.writeAtOnce(fails),
      async (pace: Pace) => pace.syncAtOnce(fails),
      (pace: Pace) => pace.syncInPool(async () => fails()),
    ]) {
      const pace = await quick();
      await expect(fail(pace)).rejects.toThrow('EIO');
      clock += 1_000;
      expect(pace.maySyncAtOnce).toBe(false);
    }
  });
});
