import { setTimeout as delay } from 'node:timers/promises';
import { AppendRefusedError } from '../errors.js';
import { MemoryFileSystem } from '../file-system/memory-file-system.js';
import type { Payload } from '../partition-log.js';
import { Random, seedOfRun } from '@app/testing';
import { readAll } from '../testing/implementations.js';
import { FilePartitionLog } from './file-partition-log.js';
import { SEGMENT_HEADER_BYTES } from './segment-header.js';

const MAX_PENDING_BYTES = 20_000;
const ROUNDS = 12;
const PAYLOAD_BYTES = 952; // 1,000 with its header

/** A disk whose sync takes 50 to 500 ms. It knows what of each file it has synced. */
class SlowDisk extends MemoryFileSystem {
  readonly synced = new Map<string, number>();
  syncs = 0;
  slow = true;

  constructor(private readonly random: Random) {
    super();
  }

  override async open(name: string, mode: 'existing' | 'create') {
    const file = await super.open(name, mode);
    file.datasync = async () => {
      const length = (this.files.get(name) as Buffer).length;
      if (this.slow) await delay(50 + this.random.below(451));
      this.synced.set(name, length);
      this.syncs++;
    };
    return file;
  }
}

const numbered = (i: number): Payload => ({
  maxBytes: PAYLOAD_BYTES,
  write: (target, at) => at + Buffer.alloc(PAYLOAD_BYTES, `${i} `).copy(target, at),
});

describe('a disk that takes 50 to 500 ms to sync', () => {
  it('is acknowledged late, in order, within bounds, and closed cleanly', async () => {
    const seed = seedOfRun();
    const disk = new SlowDisk(new Random(seed));
    const options = {
      folder: '/log',
      fileSystem: disk,
      maxPendingBytes: MAX_PENDING_BYTES,
      tailCacheBytes: 0,
    };
    const log = await FilePartitionLog.open(options);
    const file = [...disk.files.keys()].find((name) => name.endsWith('.log')) as string;
    const acknowledged: number[] = [];
    const refused: number[] = [];
    const early: number[] = [];
    const reasons = new Set<string>();
    let mostPending = 0;
    const append = async (i: number) => {
      try {
        const appended = log.append([numbered(i)]);
        mostPending = Math.max(mostPending, log.pendingBytes);
        const [position] = await appended;
        const end = SEGMENT_HEADER_BYTES + (position?.offset as number) + PAYLOAD_BYTES + 48;
        if (end > (disk.synced.get(file) ?? 0)) early.push(i);
        acknowledged.push(i);
      } catch (error) {
        if (!(error instanceof AppendRefusedError)) throw error;
        refused.push(i);
        reasons.add(error.message.replace(/\d+/, 'N'));
      }
    };
    // Rounds of thirty writers that do not wait for each other: more than the bound takes.
    const all: Promise<void>[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const own = Array.from({ length: 30 }, (_, i) => append(round * 30 + i));
      all.push(...own);
      if (round < ROUNDS - 1) await own[0];
    }
    expect(log.pendingBytes).toBeGreaterThan(0); // closed with some on their way
    await log.close();
    await Promise.all(all);

    expect({ early, seed }).toEqual({ early: [], seed });
    expect(acknowledged).toEqual([...acknowledged].sort((a, b) => a - b));
    expect(acknowledged.length + refused.length).toBe(ROUNDS * 30);
    expect(refused.length).toBeGreaterThan(30); // the bound was reached
    expect([...reasons]).toEqual(['the disk is slow: N bytes wait for it already']);
    expect(acknowledged.length).toBeGreaterThan(100);
    expect(mostPending).toBeLessThanOrEqual(MAX_PENDING_BYTES);
    expect(log.pendingBytes).toBe(0);
    expect(disk.syncs).toBeGreaterThan(8);

    disk.slow = false;
    const again = await FilePartitionLog.open(options);
    const kept = (await readAll(again)).map(({ payload }) => parseInt(payload.toString(), 10));
    expect(kept).toEqual(acknowledged);
    await again.close();
  });

  it('takes one append of any size while nothing waits', async () => {
    const disk = new SlowDisk(new Random(1));
    disk.slow = false;
    const log = await FilePartitionLog.open({ folder: '/log', fileSystem: disk, maxPendingBytes: 500 });
    expect(await log.append([numbered(0), numbered(1)])).toHaveLength(2);
    expect(await log.append([numbered(2)])).toHaveLength(1);
    await log.close();
  });
});
