import { EventEmitter, once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import {
  CHECKPOINT,
  diskWith,
  FIRST,
  open,
  readBack,
  RECORD_BYTES,
  text,
  word,
  words,
} from '../../test-support/word-log.js';
import { CorruptLogError } from '../errors.js';
import { MemoryFileSystem } from '../file-system/memory-file-system.js';
import { RECORD_HEADER_BYTES } from './record-format.js';
import { SEGMENT_HEADER_BYTES } from './segment-header.js';

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

  it('cuts off zeros that lay ahead of the records, and needs not say so', async () => {
    const disk = await diskWith(4);
    disk.files.delete(CHECKPOINT);
    disk.files.set(FIRST, Buffer.concat([disk.files.get(FIRST) as Buffer, Buffer.alloc(5_000)]));
    const { words: read, reports } = await readBack(disk);
    expect(read).toEqual(words(4));
    expect(reports).toEqual([]);
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
});
