import {
  diskWith,
  FIRST,
  open,
  readBack,
  RECORD_BYTES,
  segmentFile,
  words,
} from '../../test-support/word-log.js';
import { CorruptLogError } from '../errors.js';
import type { Sabotage } from './sabotage.js';
import { SEGMENT_HEADER_BYTES } from './segment-header.js';

describe('recovery of several segments', () => {
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

  it('serves what stands before a damaged record of a sealed segment, names it, and serves what stands behind', async () => {
    const disk = await diskWith(10, SEGMENT);
    const second = segmentFile(SEGMENT);
    const damaged = SEGMENT_HEADER_BYTES + RECORD_BYTES; // the middle one of three
    (disk.files.get(second) as Buffer)[damaged + RECORD_BYTES - 1]! ^= 1;
    const { words: read, error } = await readBack(disk, SEGMENT);
    expect(read).toEqual(words(PER_SEGMENT + 1));
    expect(error).toBeInstanceOf(CorruptLogError);
    expect(error?.message).toBe(`${second}: a damaged record at byte ${damaged}`);
    const log = await open(disk, SEGMENT).opened;
    const behind = await log.read((PER_SEGMENT + 2) * RECORD_BYTES, { maxBytes: 1e6, maxRecords: 1 });
    expect(behind.records.map(({ payload }) => payload.toString())).toEqual([words(10)[PER_SEGMENT + 2]]);
    await log.close();
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
      expect(await log.locate({ kind: 'sequenceNumber', value: 2, inclusive: true })).toBe(2 * RECORD_BYTES);
      await log.close();
      expect(copy.files.get(index)).toEqual(disk.files.get(index));
    }
  });
});
