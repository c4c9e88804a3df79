import path from 'node:path';
import { CorruptLogError, LogFailedError } from '../errors.js';
import type { FileSystem } from '../file-system/file-system.js';
import { writeAll } from '../file-system/write-all.js';
import type { Position, StartPosition } from '../partition-log.js';
import { ActiveFile } from './active-file.js';
import type { Recovered } from './recovery.js';
import { ReadHandles } from './read-handles.js';
import { filePosition, walk, type Segment } from './segment.js';
import { encodeSegmentHeader, newSalt, SEGMENT_HEADER_BYTES, segmentFileName } from './segment-header.js';
import { SegmentIndexes } from './segment-indexes.js';
import { SparseIndex } from './sparse-index.js';

type Search = Exclude<StartPosition, { kind: 'earliest' | 'latest' }>;

/** The segment files of one partition: the last one is written to, the others are sealed. */
export class Segments {
  readonly files: ReadHandles;
  private readonly indexes: SegmentIndexes;

  private constructor(
    private readonly fs: FileSystem,
    private readonly folder: string,
    private readonly list: Segment[],
    private file: ActiveFile,
    report: (message: string) => void,
  ) {
    this.files = new ReadHandles(fs);
    this.indexes = new SegmentIndexes(fs, folder, this.files, report);
  }

  static async open(
    fs: FileSystem,
    folder: string,
    recovered: Recovered,
    created: number,
    report: (message: string) => void,
  ): Promise<Segments> {
    const list = [...recovered.segments];
    const active = list.at(-1);
    if (active !== undefined) {
      const file = new ActiveFile(await fs.open(active.path, 'existing'), filePosition(active, active.end));
      return new Segments(fs, folder, list, file, report);
    }
    const start = { offset: 0, sequenceNumber: 0, enqueuedTime: created };
    const { segment, file } = await createSegment(fs, folder, start, newSalt(), 0);
    return new Segments(fs, folder, [segment], file, report);
  }

  get first(): Segment {
    return this.list[0] as Segment;
  }

  get active(): Segment {
    return this.list.at(-1) as Segment;
  }

  /** The segment that holds an offset; the active one for the end of the log. */
  at(offset: number): Segment {
    let low = 0;
    let high = this.list.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.list[middle] as Segment).header.baseOffset <= offset) low = middle;
      else high = middle;
    }
    return this.list[low] as Segment;
  }

  /** Writes records to the active segment. They are not readable before `advance`. */
  async write(data: Buffer, offset: number, trusting = false): Promise<void> {
    await this.file.write(data, filePosition(this.active, offset), trusting);
  }

  /** So many bytes were written and end at `end`: the next ones may find zeros, as long as the segment goes on. */
  async extend(end: number, bytes: number, segmentBytes: number): Promise<void> {
    const { header } = this.active;
    await this.file.extend(
      filePosition(this.active, end),
      bytes,
      filePosition({ header }, header.baseOffset + segmentBytes),
    );
  }

  datasync(): Promise<void> {
    return this.file.datasync();
  }

  /** Takes back what was written and not synced, so that no crash brings it to light again. */
  async truncateTo(offset: number): Promise<void> {
    await this.file.takeBack(filePosition(this.active, offset));
  }

  /** Everything below `end` is durable from now on. */
  advance(end: number): void {
    this.active.end = end;
  }

  /**
   * Seals the active segment and goes on in a new one, whose first record will stand at `start`.
   * @throws LogFailedError the disk is in a state nobody knows; any other error left everything as it was
   */
  async roll(start: Position, salt: number, lastBytes: number): Promise<void> {
    if (await this.file.cut(filePosition(this.active, start.offset))) await orFail(this.file.datasync());
    const { segment, file } = await createSegment(this.fs, this.folder, start, salt, lastBytes);
    const [sealed, before] = [this.active, this.file];
    this.list.push(segment);
    this.file = file;
    await before.close();
    await this.indexes.save(sealed);
  }

  /** The segment behind the first one; undefined where the first is the active one. */
  get second(): Segment | undefined {
    return this.list[1];
  }

  /** Makes room for the note that the first segment is to go, even on a full disk: its index is not needed any more. */
  prepareRemoval(): Promise<void> {
    return this.indexes.remove(this.first);
  }

  /** Removes the first segment, which must not be the active one. Reads under way end, or begin again behind it. */
  async removeFirst(): Promise<void> {
    const segment = this.list.shift() as Segment;
    segment.removed = true;
    await this.files.forget(segment.path);
    await this.fs.remove(segment.path);
    await this.fs.syncFolder(this.folder);
  }

  /** The offset of the first record that matches, or the end of the log. */
  async locate(start: Search, end: number): Promise<number> {
    for (;;) {
      const segment = this.at(this.searchBase(start));
      try {
        return await this.locateIn(segment, start, Math.min(segment.end, end));
      } catch (error) {
        if (!segment.removed) throw error;
      }
    }
  }

  private async locateIn(segment: Segment, start: Search, end: number): Promise<number> {
    const index = await this.indexes.of(segment);
    const from = index.walkFrom(start) ?? segment.header.baseOffset;
    const matches = (record: Position) => {
      const value = start.kind === 'enqueuedTime' ? record.enqueuedTime : record[start.kind];
      return start.inclusive ? value >= start.value : value > start.value;
    };
    const walked = await walk(this.files, segment, from, end, (record) => !matches(record));
    if (walked.reason === 'invalid') {
      throw new CorruptLogError(segment.path, filePosition(segment, walked.offset), 'a damaged record');
    }
    return walked.offset;
  }

  /** @param orderly leaves the file as long as its records; what a failed sync left there is not touched */
  async close(orderly: boolean): Promise<void> {
    // Where it does not work the next start finds the zeros, and cuts them off.
    if (orderly) await this.file.cut(filePosition(this.active, this.active.end)).catch(() => false);
    await this.file.close();
    await this.files.close();
  }

  /** The base offset of the last segment that can hold the first match. */
  private searchBase(start: Search): number {
    const holds = (segment: Segment) => {
      const { baseOffset, baseSequence, created } = segment.header;
      if (start.kind === 'offset') return baseOffset <= start.value;
      if (start.kind === 'sequenceNumber') return baseSequence <= start.value;
      return start.inclusive ? created < start.value : created <= start.value;
    };
    const found = this.list.findLast(holds) ?? this.first;
    return found.header.baseOffset;
  }
}

async function createSegment(
  fs: FileSystem,
  folder: string,
  start: Position,
  salt: number,
  lastBytes: number,
) {
  const header = {
    baseOffset: start.offset,
    baseSequence: start.sequenceNumber,
    created: start.enqueuedTime,
    salt,
    lastBytes,
  };
  const file = path.join(folder, segmentFileName(start.offset));
  const handle = await fs.open(file, 'create');
  try {
    await handle.truncate(0);
    await writeAll(handle, encodeSegmentHeader(header), 0);
  } catch (error) {
    // The records go on in the segment before, so this one must not be found there after a crash.
    await handle.close();
    await orFail(fs.remove(file));
    await orFail(fs.syncFolder(folder));
    throw error;
  }
  await orFail(handle.datasync());
  await orFail(fs.syncFolder(folder));
  const index = new SparseIndex();
  const segment: Segment = { path: file, header, end: start.offset, index, removed: false };
  return { segment, file: new ActiveFile(handle, SEGMENT_HEADER_BYTES) };
}

/** A sync is not tried again: its failure ends the log. */
async function orFail(step: Promise<void>): Promise<void> {
  try {
    await step;
  } catch (error) {
    throw new LogFailedError(`a new segment could not be made durable: ${String(error)}`, { cause: error });
  }
}
