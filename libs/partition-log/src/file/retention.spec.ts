import { MemoryFileSystem } from '../file-system/memory-file-system.js';
import type { Payload } from '../partition-log.js';
import { steadyClock } from '../retention.js';
import { contents } from '../testing/implementations.js';
import { FilePartitionLog, type FileLogOptions } from './file-partition-log.js';

const PER_SEGMENT = 4;
const RECORD_BYTES = 50;
const text = (content: string): Payload => ({
  maxBytes: 2,
  write: (target, at) => at + target.write(content, at),
});
const all = { maxBytes: 1e6, maxRecords: 100 };

/** A disk that notes what happens to names, and can be held up in front of a call. */
class WatchedDisk extends MemoryFileSystem {
  readonly calls: string[] = [];
  readonly openFiles = new Set<string>();
  hold: ((call: string) => Promise<void> | undefined) | undefined;

  override async open(name: string, mode: 'existing' | 'create') {
    await this.hold?.(`open ${name}`);
    const file = await super.open(name, mode);
    const read = file.read.bind(file);
    file.read = async (target, position) => {
      await this.hold?.(`read ${name}`);
      return read(target, position);
    };
    const id = `${name} #${this.calls.push(`open ${name}`)}`;
    this.openFiles.add(id);
    file.close = async () => void this.openFiles.delete(id);
    return file;
  }

  override async rename(from: string, to: string) {
    this.calls.push(`rename ${to}`);
    await super.rename(from, to);
  }

  override async remove(name: string) {
    this.calls.push(`remove ${name}`);
    await super.remove(name);
  }

  override async syncFolder() {
    this.calls.push('sync');
  }

  get logs(): string[] {
    return [...this.files.keys()].filter((name) => name.endsWith('.log'));
  }
}

async function logOf(count: number, options: Partial<FileLogOptions> = {}) {
  const disk = new WatchedDisk();
  const clock = { now: 1_000, uptime: 0 };
  const opened = {
    folder: '/log',
    fileSystem: disk,
    segmentBytes: PER_SEGMENT * RECORD_BYTES,
    retention: { ms: 1_000 },
    tailCacheBytes: 0,
    idleMs: 1e6,
    now: () => clock.now,
    uptime: () => clock.uptime,
    ...options,
  };
  const log = await FilePartitionLog.open(opened);
  for (let i = 0; i < count; i++) await log.append([text(String(i).padStart(2, '0'))]);
  const pass = (ms: number) => {
    clock.now += ms;
    clock.uptime += ms;
  };
  disk.calls.length = 0;
  return { disk, log, clock, pass, reopen: () => FilePartitionLog.open(opened) };
}

describe('retention on files', () => {
  it('notes durably that a segment is to go, then removes it, one after the other', async () => {
    const { disk, log, pass } = await logOf(3 * PER_SEGMENT);
    pass(500);
    await log.expire(); // ends the last segment
    disk.calls.length = 0;
    pass(500);
    await log.expire();
    const changes = disk.calls
      .filter((call) => !call.startsWith('open'))
      .map((call) => call.replace('/log/', ''));
    const gone = (base: number) => {
      const name = String(base).padStart(20, '0');
      return [`remove ${name}.index`, 'rename checkpoint', 'sync', `remove ${name}.log`, 'sync'];
    };
    expect(changes).toEqual([0, 200, 400].flatMap(gone));
    expect([...disk.files.keys()].sort()).toEqual(['/log/00000000000000000600.log', '/log/checkpoint']);
    await log.close();
  });

  it('ends the segment of a quiet partition, so that its events go too', async () => {
    const { disk, log, pass } = await logOf(1);
    await log.expire();
    expect(disk.logs).toHaveLength(1);
    pass(125); // an eighth of its time
    await log.expire();
    expect(disk.logs).toHaveLength(2);
    await log.expire();
    expect(disk.logs).toHaveLength(2); // an empty segment is not ended
    pass(875);
    await log.expire();
    expect(disk.logs).toEqual(['/log/00000000000000000050.log']);
    await log.close();
  });

  it('ends the segment of a busy partition with the next batch', async () => {
    const { disk, log, pass } = await logOf(1);
    pass(500);
    const first = log.append([text('01')]);
    await Promise.all([first, log.expire()]);
    for (const content of ['02', '03']) await log.append([text(content)]);
    expect(disk.logs).toHaveLength(2);
    expect(contents((await log.read(0, all)).records)).toHaveLength(2);
    expect((await log.read(100, all)).records).toHaveLength(2);
    await log.close();
  });

  it('closes the file of a segment that goes, and its reader goes on at the new begin', async () => {
    const { disk, log, pass } = await logOf(2 * PER_SEGMENT);
    const { next } = await log.read(0, { ...all, maxRecords: 2 });
    pass(500);
    await log.append([text('xx')]);
    pass(500);
    await log.expire();
    expect(log.state.begin.sequenceNumber).toBe(2 * PER_SEGMENT);
    expect([...disk.openFiles].filter((id) => id.includes('/00000000000000000000.log'))).toEqual([]);
    expect(contents((await log.read(next, all)).records)).toEqual(['xx']);
    await log.close();
    expect(disk.openFiles.size).toBe(0);
  });

  it.each(['open', 'read'])('does not trip who is about to %s the segment that goes', async (call) => {
    const { disk, log, pass } = await logOf(2 * PER_SEGMENT);
    pass(500);
    await log.append([text('xx')]);
    pass(500);
    let held = 0;
    let expiring: Promise<void> | undefined;
    disk.hold = (what) => {
      if (what !== `${call} /log/00000000000000000000.log` || held++ > 0) return undefined;
      expiring = log.expire();
      return expiring;
    };
    const { records } = await log.read(0, all);
    expect(contents(records)).toEqual(['xx']);
    expect(held).toBe(1);
    await log.close();
  });

  it.each(['open', 'read'])('does not trip who is about to %s it to search in it', async (call) => {
    const { disk, log, pass } = await logOf(2 * PER_SEGMENT);
    pass(500);
    await log.append([text('xx')]);
    pass(500);
    let held = 0;
    disk.hold = (what) =>
      what === `${call} /log/00000000000000000000.log` && held++ === 0 ? log.expire() : undefined;
    const found = await log.locate({ kind: 'sequenceNumber', value: 2, inclusive: true });
    expect(found).toBe(log.state.begin.offset);
    expect(log.state.begin.sequenceNumber).toBe(2 * PER_SEGMENT);
    expect(held).toBe(1);
    await log.close();
  });

  it('finishes at the next start what could not be removed, and never shows it again', async () => {
    const { disk, log, pass, reopen } = await logOf(3 * PER_SEGMENT);
    pass(1_000);
    const remove = disk.remove.bind(disk);
    disk.remove = async (name) => {
      if (name.endsWith('.log')) throw new Error('EIO');
      await remove(name);
    };
    await expect(log.expire()).rejects.toThrow('EIO');
    const { begin } = log.state;
    expect(begin.sequenceNumber).toBe(PER_SEGMENT);
    await log.close();
    disk.remove = remove;
    const again = await reopen();
    expect(again.state.begin).toEqual(begin);
    expect(disk.logs).not.toContain('/log/00000000000000000000.log');
    await again.close();
  });

  it('removes nothing that it could not note', async () => {
    const { disk, log, pass, reopen } = await logOf(3 * PER_SEGMENT);
    pass(1_000);
    const rename = disk.rename.bind(disk);
    disk.rename = () => Promise.reject(new Error('ENOSPC'));
    await expect(log.expire()).rejects.toThrow('ENOSPC');
    expect(log.state.begin.offset).toBe(0);
    expect((await log.read(0, all)).records).toHaveLength(PER_SEGMENT);
    await log.close();
    disk.rename = rename;
    const again = await reopen();
    await again.expire();
    expect(again.state.begin.sequenceNumber).toBe(3 * PER_SEGMENT);
    await again.close();
  });

  it('makes room on a disk that has none left for a new segment', async () => {
    const { disk, log, pass } = await logOf(2 * PER_SEGMENT + 1);
    pass(1_000);
    const open = disk.open.bind(disk);
    disk.open = (name, mode) =>
      mode === 'create' && name.endsWith('.log') ? Promise.reject(new Error('ENOSPC')) : open(name, mode);
    await expect(log.expire()).rejects.toThrow('ENOSPC');
    expect(log.state.begin.sequenceNumber).toBe(2 * PER_SEGMENT);
    disk.open = open;
    await log.expire();
    expect(log.state.begin.sequenceNumber).toBe(2 * PER_SEGMENT + 1);
    await log.close();
  });

  it('removes nothing early when the clock jumps ahead, and keeps more when it goes back', async () => {
    const { disk, log, clock, pass } = await logOf(PER_SEGMENT + 1);
    const files = [...disk.logs];
    clock.now += 1e11;
    await log.expire();
    clock.now -= 2e11;
    pass(2_000);
    await log.expire();
    expect(disk.logs).toEqual(files);
    clock.now += 1e11;
    await log.expire();
    expect(log.state.begin.sequenceNumber).toBe(PER_SEGMENT + 1);
    await log.close();
  });

  it('keeps the indexes of a few sealed segments in memory, not of all', async () => {
    const { disk, log } = await logOf(20 * PER_SEGMENT);
    const search = (value: number) => log.locate({ kind: 'sequenceNumber', value, inclusive: true });
    for (let i = 0; i < 19; i++)
      expect(await search(i * PER_SEGMENT + 1)).toBe((i * PER_SEGMENT + 1) * RECORD_BYTES);
    const reads = () => disk.calls.filter((call) => call.endsWith('.index')).length;
    const before = reads();
    expect(before).toBe(19);
    for (const i of [18, 17, 16, 15]) await search(i * PER_SEGMENT + 1);
    expect(reads()).toBe(before);
    await search(1);
    expect(reads()).toBe(before + 1);
    await log.close();
  });
});

describe('a clock that ages go by', () => {
  it('follows the wall clock back, and ahead only as fast as time passes', () => {
    const time = { wall: 5_000, uptime: 70 };
    const clock = steadyClock(
      () => time.wall,
      () => time.uptime,
    );
    const at = (wall: number, uptime: number) => {
      Object.assign(time, { wall, uptime });
      return clock();
    };
    expect(at(5_000, 70)).toBe(5_000);
    expect(at(6_000, 1_070)).toBe(6_000);
    expect(at(900_000, 1_080)).toBe(6_010);
    expect(at(4_000, 1_090)).toBe(4_000);
    expect(at(6_030, 1_100)).toBe(6_030);
  });
});
