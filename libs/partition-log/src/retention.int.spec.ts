import type { PartitionLog } from './partition-log.js';
import type { Retention } from './retention.js';
import {
  clock,
  contents,
  implementations,
  readAll,
  removeFolders,
  text,
  type Implementation,
} from './testing/implementations.js';

describe.each(Object.entries(implementations))('retention of a partition log: %s', (_name, make) => {
  let implementation: Implementation;
  let log: PartitionLog;
  const open = async (retention: Retention) => {
    clock.now = 1_000;
    implementation = await make(retention);
    log = await implementation.open();
  };
  const reopen = async () => {
    if (implementation.reopen === undefined) return; // memory is gone with its process
    await log.close();
    log = await implementation.reopen();
  };
  afterEach(() => log.close());
  afterAll(removeFolders);

  /** Records of 50 bytes, one a millisecond. */
  const append = async (from: number, count: number) => {
    for (let i = from; i < from + count; i++) {
      await log.append([text(String(i).padStart(2, '0'))]);
      clock.now++;
    }
  };
  const numbers = async () => contents(await readAll(log)).map(Number);
  const upTo = (from: number, end: number) => Array.from({ length: end - from }, (_, i) => from + i);

  it('keeps everything without a limit', async () => {
    await open({});
    await append(0, 20);
    clock.now += 1e12;
    await log.expire();
    expect(await numbers()).toEqual(upTo(0, 20));
  });

  it('keeps what is younger than its time, and in the end nothing else', async () => {
    await open({ ms: 1_000 });
    await append(0, 30);
    await log.expire();
    clock.now = 1_000 + 1_000 + 9; // 0 to 9 have expired
    await log.expire();
    const kept = await numbers();
    expect(kept).toEqual(upTo(30 - kept.length, 30));
    expect(kept.length).toBeGreaterThanOrEqual(20);
    clock.now += 1_000;
    await log.expire();
    expect(await numbers()).toEqual([]);
  });

  it('keeps its newest bytes, and about as many', async () => {
    await open({ bytes: 1_000 });
    for (let i = 0; i < 100; i += 10) {
      await append(i, 10);
      await log.expire();
      const kept = await numbers();
      expect(kept).toEqual(upTo(i + 10 - kept.length, i + 10));
      expect(kept.length).toBeGreaterThanOrEqual(Math.min(i + 10, 20));
      expect(kept.length).toBeLessThanOrEqual(28);
    }
  });

  it('goes by either limit, whichever comes first', async () => {
    await open({ ms: 1_000, bytes: 500 });
    await append(0, 50);
    await log.expire();
    expect((await numbers()).length).toBeLessThan(20);
    clock.now += 1_000;
    await log.expire();
    expect(await numbers()).toEqual([]);
  });

  it('never gives a position twice, with nothing left and over a restart', async () => {
    await open({ ms: 100 });
    await append(0, 12);
    const { next, last } = log.state;
    clock.now += 1_000;
    await log.expire();
    for (const restart of [reopen, () => log.expire(), reopen]) {
      expect(log.state).toEqual({ begin: next, next, last });
      expect(await log.locate({ kind: 'earliest' })).toBe(next.offset);
      await restart();
    }
    expect(await log.append([text('12')])).toEqual([{ ...next, enqueuedTime: clock.now }]);
    expect(await numbers()).toEqual([12]);
  });

  it('counts no time that went back, also where nothing is left', async () => {
    await open({ ms: 100 });
    await append(0, 3);
    const time = log.state.last?.enqueuedTime as number;
    clock.now += 1_000;
    await log.expire();
    clock.now = 0;
    await reopen();
    const [position] = await log.append([text('03')]);
    expect(position?.enqueuedTime).toBe(time);
  });

  it('shows the begin to who asks for something before it', async () => {
    await open({ bytes: 500 });
    await append(0, 60);
    await log.expire();
    await reopen();
    const { begin } = log.state;
    expect(begin.sequenceNumber).toBeGreaterThanOrEqual(40);
    expect(begin.offset).toBe(begin.sequenceNumber * 50);
    expect(await numbers()).toEqual(upTo(begin.sequenceNumber, 60));
    for (const kind of ['offset', 'sequenceNumber', 'enqueuedTime'] as const) {
      for (const inclusive of [true, false])
        expect(await log.locate({ kind, value: 0, inclusive })).toBe(begin.offset);
    }
    expect(await log.locate({ kind: 'earliest' })).toBe(begin.offset);
  });
});
