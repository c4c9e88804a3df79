import { EventEmitter, once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { CorruptLogError, LogFailedError, AppendRefusedError } from '../errors.js';
import { MemoryFileSystem } from '../file-system/memory-file-system.js';
import type { Payload } from '../partition-log.js';
import { CHECKPOINT_FILE } from './checkpoint.js';
import { FilePartitionLog } from './file-partition-log.js';
import { RECORD_HEADER_BYTES } from './record-format.js';
import type { Sabotage } from './sabotage.js';
import { SEGMENT_HEADER_BYTES, segmentFileName } from './segment-header.js';

const FOLDER = '/log';
const CHECKPOINT = `${FOLDER}/${CHECKPOINT_FILE}`;
const segmentFile = (base: number) => `${FOLDER}/${segmentFileName(base)}`;
const FIRST = segmentFile(0);

const text = (content: string): Payload => ({
  maxBytes: content.length,
  write: (target, at) => at + target.write(content, at),
});
const word = (i: number) => `word-${String(i).padStart(2, '0')}`;
const RECORD_BYTES = RECORD_HEADER_BYTES + word(0).length;

function open(fileSystem: MemoryFileSystem, segmentBytes = 1e6, sabotage?: Sabotage) {
  const reports: string[] = [];
  const report = (message: string) => reports.push(message);
  const opened = FilePartitionLog.open({
    folder: FOLDER,
    fileSystem,
    segmentBytes,
    report,
    tailCacheBytes: 0,
    ...(sabotage && { sabotage }),
  });
  return { opened, reports };
}

/** A disk with `count` records, each acknowledged before the next was written. */
async function diskWith(count: number, segmentBytes?: number): Promise<MemoryFileSystem> {
  const disk = new MemoryFileSystem();
  const log = await open(disk, segmentBytes).opened;
  for (let i = 0; i < count; i++) await log.append([text(word(i))]);
  await log.close();
  return disk;
}

/** Everything a log answers, or the error it refuses with. */
async function readBack(disk: MemoryFileSystem, segmentBytes?: number, sabotage?: Sabotage) {
  const { opened, reports } = open(disk, segmentBytes, sabotage);
  const words: string[] = [];
  try {
    const log = await opened;
    for (let cursor = 0; ;) {
      const { records, next } = await log.read(cursor, { maxBytes: 1e6, maxRecords: 100 });
      if (records.length === 0) break;
      words.push(...records.map(({ payload }) => payload.toString()));
      cursor = next;
    }
    await log.close();
    return { words, reports };
  } catch (error) {
    return { words, reports, error: error as Error };
  }
}

const words = (count: number) => Array.from({ length: count }, (_, i) => word(i));

describe('recovery', () => {
  it('cuts a torn tail off, at every byte of the last three records, and goes on behind it', async () => {
    const disk = await diskWith(8);
    disk.files.delete(CHECKPOINT); // the crash came before the next checkpoint
    const whole = disk.files.get(FIRST)?.length ?? 0;
    for (let length = whole - 3 * RECORD_BYTES; length < whole; length++) {
      const torn = disk.copy();
      torn.files.set(FIRST, Buffer.from((disk.files.get(FIRST) as Buffer).subarray(0, length)));
      const kept = Math.floor((length - SEGMENT_HEADER_BYTES) / RECORD_BYTES);
      const { opened, reports } = open(torn);
      const log = await opened;
      expect(log.state.next).toEqual({ offset: kept * RECORD_BYTES, sequenceNumber: kept });
      expect(reports).toHaveLength(length === SEGMENT_HEADER_BYTES + kept * RECORD_BYTES ? 0 : 1);
      await log.append([text('next!!!')]);
      await log.close();
      expect((await readBack(torn)).words).toEqual([...words(kept), 'next!!!']);
    }
  });

  it('cuts off a tail whose bytes were never written: zeros', async () => {
    const disk = await diskWith(4);
    disk.files.delete(CHECKPOINT);
    disk.files.set(FIRST, Buffer.concat([disk.files.get(FIRST) as Buffer, Buffer.alloc(5_000)]));
    const { words: read, reports } = await readBack(disk);
    expect(read).toEqual(words(4));
    expect(reports).toEqual([expect.stringContaining('5000 bytes of an unfinished write cut off')]);
  });

  it('refuses an acknowledged record that is missing, whatever byte the file ends at', async () => {
    const disk = await diskWith(4);
    const whole = disk.files.get(FIRST) as Buffer;
    for (let length = 0; length < whole.length; length++) {
      const cut = disk.copy();
      cut.files.set(FIRST, Buffer.from(whole.subarray(0, length)));
      const { error } = await readBack(cut);
      expect(error).toBeInstanceOf(CorruptLogError);
      expect(error?.message).toContain(FIRST);
    }
  });

  it('finds every flipped bit of a segment that was closed', async () => {
    const disk = await diskWith(6);
    const { length } = disk.files.get(FIRST) as Buffer;
    for (let bit = 0; bit < length * 8; bit += 3) {
      const flipped = disk.copy();
      (flipped.files.get(FIRST) as Buffer)[bit >> 3]! ^= 1 << (bit & 7);
      const { error } = await readBack(flipped);
      expect(error).toBeInstanceOf(CorruptLogError);
    }
  });

  it('refuses damage in the middle without a checkpoint, and names file and position', async () => {
    const disk = await diskWith(6);
    disk.files.delete(CHECKPOINT);
    const { length } = disk.files.get(FIRST) as Buffer;
    for (let bit = SEGMENT_HEADER_BYTES * 8; bit < (length - RECORD_BYTES) * 8; bit += 5) {
      const flipped = disk.copy();
      (flipped.files.get(FIRST) as Buffer)[bit >> 3]! ^= 1 << (bit & 7);
      const { error, words: read } = await readBack(flipped);
      const record = Math.floor(((bit >> 3) - SEGMENT_HEADER_BYTES) / RECORD_BYTES);
      expect(error?.message).toContain(`at byte ${SEGMENT_HEADER_BYTES + record * RECORD_BYTES}`);
      expect(error?.message).toContain(FIRST);
      expect(read).toEqual([]);
    }
  });

  it('knows by the next batch that one was acknowledged, though it was laid out before that was so', async () => {
    const disk = new MemoryFileSystem();
    const gate = new EventEmitter();
    const held = once(gate, 'open').then(() => undefined);
    const openFile = disk.open.bind(disk);
    disk.open = async (name, mode) => {
      const file = await openFile(name, mode);
      if (name === FIRST) file.datasync = async () => (isHeld ? held : undefined);
      return file;
    };
    let isHeld = false;
    const log = await open(disk).opened;
    isHeld = true;
    const first = log.append([text(word(0))]);
    while ((disk.files.get(FIRST) as Buffer).length === SEGMENT_HEADER_BYTES) await setImmediate();
    const second = log.append([text(word(1))]);
    gate.emit('open');
    await Promise.all([first, second]);
    const killed = disk.copy();
    await log.close();
    (killed.files.get(FIRST) as Buffer)[SEGMENT_HEADER_BYTES + 50]! ^= 1;
    expect((await readBack(killed)).error?.message).toContain(`at byte ${SEGMENT_HEADER_BYTES}`);
  });

  it('takes records of one unfinished write that reached the disk out of order for a torn tail', async () => {
    const disk = await diskWith(2);
    const log = await open(disk).opened;
    await log.append([text(word(2)), text(word(3)), text(word(4))]); // one write
    await log.close();
    const before = await diskWith(2);
    disk.files.set(CHECKPOINT, before.files.get(CHECKPOINT) as Buffer);
    (disk.files.get(FIRST) as Buffer).fill(
      0,
      SEGMENT_HEADER_BYTES + 2 * RECORD_BYTES,
      SEGMENT_HEADER_BYTES + 3 * RECORD_BYTES,
    );
    expect((await readBack(disk)).words).toEqual(words(2));
  });

  it('is not fooled by a payload that looks like a later record', async () => {
    const disk = await diskWith(3);
    const stolen = (disk.files.get(FIRST) as Buffer).subarray(SEGMENT_HEADER_BYTES + 2 * RECORD_BYTES);
    const log = await open(disk).opened;
    await log.append([{ maxBytes: 500, write: (target, at) => at + stolen.copy(target, at) }]);
    await log.close();
    disk.files.set(CHECKPOINT, (await diskWith(3)).files.get(CHECKPOINT) as Buffer);
    const at = SEGMENT_HEADER_BYTES + 3 * RECORD_BYTES;
    (disk.files.get(FIRST) as Buffer).fill(0, at, at + RECORD_HEADER_BYTES);
    expect((await readBack(disk)).words).toEqual(words(3));
  });

  it('does without a damaged checkpoint, and says so', async () => {
    const disk = await diskWith(3);
    const { length } = disk.files.get(CHECKPOINT) as Buffer;
    for (let byte = 0; byte < length; byte++) {
      const flipped = disk.copy();
      (flipped.files.get(CHECKPOINT) as Buffer)[byte]! ^= 0x10;
      const { words: read, reports } = await readBack(flipped);
      expect(read).toEqual(words(3));
      expect(reports).toEqual([expect.stringContaining('is damaged')]);
    }
  });

  describe('of several segments', () => {
    const PER_SEGMENT = 3;
    const SEGMENT = PER_SEGMENT * RECORD_BYTES;

    it('serves them all', async () => {
      const disk = await diskWith(10, SEGMENT);
      expect([...disk.files.keys()].filter((name) => name.endsWith('.log'))).toHaveLength(4);
      expect((await readBack(disk, SEGMENT)).words).toEqual(words(10));
    });

    /** How many flipped bits of a sealed segment are neither refused nor without effect on what is read. */
    async function badBytesServed(sabotage?: Sabotage): Promise<number> {
      const disk = await diskWith(7, SEGMENT);
      const { length } = disk.files.get(FIRST) as Buffer;
      let served = 0;
      for (let bit = 0; bit < length * 8; bit += 7) {
        const flipped = disk.copy();
        (flipped.files.get(FIRST) as Buffer)[bit >> 3]! ^= 1 << (bit & 7);
        const { error, words: read } = await readBack(flipped, SEGMENT, sabotage);
        const sound = words(7).slice(0, read.length).join() === read.join();
        if (!(error instanceof CorruptLogError) || !sound) served++;
      }
      return served;
    }

    it('never serves a bad byte of a sealed segment', async () => {
      expect(await badBytesServed()).toBe(0);
    });

    it('would serve some without a checksum on the read, and this is noticed', async () => {
      expect(await badBytesServed('skip-checksum')).toBeGreaterThan(0);
    });

    it.each(['missing', 'too short', 'too long'])('refuses a sealed segment that is %s', async (how) => {
      const disk = await diskWith(10, SEGMENT);
      const second = segmentFile(SEGMENT);
      const content = disk.files.get(second) as Buffer;
      if (how === 'missing') disk.files.delete(second);
      if (how === 'too short') disk.files.set(second, content.subarray(0, content.length - 1));
      if (how === 'too long') disk.files.set(second, Buffer.concat([content, Buffer.alloc(9)]));
      expect((await readBack(disk, SEGMENT)).error).toBeInstanceOf(CorruptLogError);
    });

    it('removes a segment whose creation a crash cut short', async () => {
      for (const length of [0, 1, SEGMENT_HEADER_BYTES - 1]) {
        const disk = await diskWith(6, SEGMENT); // two full segments: the next append begins a third
        disk.files.set(segmentFile(2 * SEGMENT), Buffer.alloc(length));
        const { words: read, reports } = await readBack(disk, SEGMENT);
        expect(read).toEqual(words(6));
        expect(reports).toEqual([expect.stringContaining('holds nothing: removed')]);
      }
    });

    it('makes a damaged or missing index anew', async () => {
      const disk = await diskWith(10, SEGMENT);
      const index = FIRST.replace(/log$/, 'index');
      for (const damage of ['missing', 'flipped']) {
        const copy = disk.copy();
        if (damage === 'missing') copy.files.delete(index);
        else (copy.files.get(index) as Buffer)[20]! ^= 1;
        const log = await open(copy, SEGMENT).opened;
        expect(await log.locate({ kind: 'sequenceNumber', value: 2, inclusive: true })).toBe(
          2 * RECORD_BYTES,
        );
        await log.close();
        expect(copy.files.get(index)).toEqual(disk.files.get(index));
      }
    });
  });
});

describe('a disk that fails', () => {
  /** Lets the n-th call of an operation on an open file fail, once. */
  async function failing(operation: 'write' | 'datasync', nth: number, count = 6) {
    const disk = new MemoryFileSystem();
    let calls = 0;
    let armed = false;
    const openFile = disk.open.bind(disk);
    disk.open = async (name, mode) => {
      const file = await openFile(name, mode);
      const original = file[operation].bind(file) as (...rest: unknown[]) => Promise<never>;
      file[operation] = async (...rest: unknown[]) => {
        const fails = armed && name.endsWith('.log') && ++calls === nth;
        if (fails) throw Object.assign(new Error('EIO'), { code: 'EIO' });
        return original(...rest);
      };
      return file;
    };
    const log = await open(disk).opened;
    armed = true;
    const outcomes: string[] = [];
    for (let i = 0; i < count; i++) {
      await log.append([text(word(i))]).then(
        () => outcomes.push('ok'),
        (error: Error) => outcomes.push(error.name),
      );
    }
    await log.close();
    return { outcomes, disk, failure: log.failure };
  }

  it('refuses what it could not write, and goes on', async () => {
    const { outcomes, disk, failure } = await failing('write', 3);
    expect(outcomes).toEqual(['ok', 'ok', AppendRefusedError.name, 'ok', 'ok', 'ok']);
    expect(failure).toBeUndefined();
    expect((await readBack(disk)).words).toEqual([0, 1, 3, 4, 5].map(word));
  });

  it('acknowledges nothing after a failed sync, and does not sync again', async () => {
    const { outcomes, disk, failure } = await failing('datasync', 3);
    expect(outcomes).toEqual(['ok', 'ok', ...Array<string>(4).fill(LogFailedError.name)]);
    expect(failure).toMatchObject({ code: 'EIO' });
    expect((await readBack(disk)).words.slice(0, 2)).toEqual(words(2));
  });
});
