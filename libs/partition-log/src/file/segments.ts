import path from 'node:path';
import { CorruptLogError, LogFailedError } from '../errors.js';
import type { File, FileSystem } from '../file-system/file-system.js';
import { writeAll } from '../file-system/write-all.js';
import type { Position, StartPosition } from '../partition-log.js';
import type { Recovered } from './recovery.js';
import { ReadHandles } from './read-handles.js';
import { readWhole, replaceFile } from './replace-file.js';
import { filePosition, walk, type Segment } from './segment.js';
import { encodeSegmentHeader, newSalt, segmentFileName } from './segment-header.js';
import { SparseIndex } from './sparse-index.js';

type Search = Exclude<StartPosition, { kind: 'earliest' | 'latest' }>;

/** The segment files of one partition: the last one is written to, the others are sealed. */
export class Segments {
  readonly files: ReadHandles;

  private constructor(
    private readonly fs: FileSystem,
    private readonly folder: string,
    private readonly list: Segment[],
    private file: File,
    private readonly report: (message: string) => void,
  ) {
    this.files = new ReadHandles(fs);
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
      return new Segments(fs, folder, list, await fs.open(active.path, 'existing'), report);
    }
    const start = { offset: 0, sequenceNumber: 0, enqueuedTime: created };
    const { segment, file } = await createSegment(fs, folder, start, newSalt());
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
    const position = filePosition(this.active, offset);
    if (trusting) await this.file.write(data, position);
    else await writeAll(this.file, data, position);
  }

  datasync(): Promise<void> {
    return this.file.datasync();
  }

  /** Takes back what was written and not synced, so that no crash brings it to light again. */
  async truncateTo(offset: number): Promise<void> {
    await this.file.truncate(filePosition(this.active, offset));
    await this.file.datasync();
  }

  /** Everything below `end` is durable from now on. */
  advance(end: number): void {
    this.active.end = end;
  }

  /**
   * Seals the active segment and goes on in a new one, whose first record will stand at `start`.
   * @throws LogFailedError the disk is in a state nobody knows; any other error left everything as it was
   */
  async roll(start: Position, salt: number): Promise<void> {
    const { segment, file } = await createSegment(this.fs, this.folder, start, salt);
    const [sealed, before] = [this.active, this.file];
    this.list.push(segment);
    this.file = file;
    await before.close();
    if (sealed.index !== undefined) await this.saveIndex(sealed, sealed.index);
    sealed.index = undefined; // read back from its file when somebody searches there
  }

  /** The offset of the first record that matches, or the end of the log. */
  async locate(start: Search, end: number): Promise<number> {
    const segment = this.at(this.searchBase(start));
    const index = (segment.index ??= await this.loadIndex(segment));
    const from = index.walkFrom(start) ?? segment.header.baseOffset;
    const stop = Math.min(segment.end, end);
    const matches = (record: Position) => {
      const value = start.kind === 'enqueuedTime' ? record.enqueuedTime : record[start.kind];
      return start.inclusive ? value >= start.value : value > start.value;
    };
    const walked = await walk(this.files, segment, from, stop, (record) => !matches(record));
    if (walked.reason === 'invalid') {
      throw new CorruptLogError(segment.path, filePosition(segment, walked.offset), 'a damaged record');
    }
    return walked.offset;
  }

  async close(): Promise<void> {
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

  private indexPath(segment: Segment): string {
    return segment.path.replace(/log$/, 'index');
  }

  private async saveIndex(segment: Segment, index: SparseIndex): Promise<void> {
    try {
      await replaceFile(this.fs, this.indexPath(segment), index.encode());
    } catch (error) {
      this.report(`${this.indexPath(segment)} not written (${String(error)}): it is made anew when needed`);
    }
  }

  private async loadIndex(segment: Segment): Promise<SparseIndex> {
    const file = this.indexPath(segment);
    if ((await this.fs.list(this.folder)).includes(path.basename(file))) {
      const index = SparseIndex.decode(await readWhole(this.fs, file));
      if (index !== undefined) return index;
      this.report(`${file} is damaged and is made anew`);
    }
    const index = new SparseIndex();
    const { baseOffset } = segment.header;
    const walked = await walk(this.files, segment, baseOffset, segment.end, (record) => {
      index.offer(record);
      return true;
    });
    if (walked.reason === 'invalid') {
      throw new CorruptLogError(segment.path, filePosition(segment, walked.offset), 'a damaged record');
    }
    await this.saveIndex(segment, index);
    return index;
  }
}

async function createSegment(fs: FileSystem, folder: string, start: Position, salt: number) {
  const header = {
    baseOffset: start.offset,
    baseSequence: start.sequenceNumber,
    created: start.enqueuedTime,
    salt,
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
  const segment: Segment = { path: file, header, end: start.offset, index: new SparseIndex() };
  return { segment, file: handle };
}

/** A sync is not tried again: its failure ends the log. */
async function orFail(step: Promise<void>): Promise<void> {
  try {
    await step;
  } catch (error) {
    throw new LogFailedError(`a new segment could not be made durable: ${String(error)}`, { cause: error });
  }
}
