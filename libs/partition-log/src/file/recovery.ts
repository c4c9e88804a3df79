import path from 'node:path';
import { CorruptLogError } from '../errors.js';
import type { FileSystem } from '../file-system/file-system.js';
import { readAll, writeAll } from '../file-system/write-all.js';
import type { Position } from '../partition-log.js';
import { CHECKPOINT_FILE, readCheckpoint, type Checkpoint } from './checkpoint.js';
import { magicBytes, parseRecord } from './record-format.js';
import { ReadHandles } from './read-handles.js';
import { TEMPORARY } from './replace-file.js';
import type { Sabotage } from './sabotage.js';
import { filePosition, readBytes, walk, type Segment } from './segment.js';
import {
  baseOffsetOf,
  decodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  recordBefore,
  segmentFileName,
} from './segment-header.js';
import { SparseIndex } from './sparse-index.js';

const REWRITE_BYTES = 256 * 1024;

export interface Recovered {
  /** In order, each beginning where the one before ends; the last one is to be written to. Empty = a new log. */
  readonly segments: Segment[];
  readonly last: Position | undefined;
  /** Length of the last record, 0 where there is none. */
  readonly lastBytes: number;
  readonly nextSequence: number;
}

/**
 * Finds out what a folder holds after any kind of end.
 *
 * A bad record is a write that a crash cut short only if nothing shows that it was once durable: it lies
 * behind the checkpoint, and no valid record after it says so. Then it is cut off. Anything else is damage,
 * and the log refuses to open: leaving a record out would lose an acknowledged event without a word.
 *
 * @throws CorruptLogError names the file and the position
 */
export async function recover(
  fs: FileSystem,
  folder: string,
  report: (message: string) => void,
  sabotage?: Sabotage,
): Promise<Recovered> {
  const names = await fs.list(folder);
  await fs.syncFolder(folder); // a killed process may have left names that no sync has reached
  const checkpoint = await lastCheckpoint(fs, folder, names, report);
  const durable = checkpoint?.durableEnd ?? 0;
  const bases = await tidy(fs, folder, names, checkpoint?.begin ?? 0);
  if (checkpoint !== undefined && bases[0] !== checkpoint.begin) {
    const first = path.join(folder, segmentFileName(checkpoint.begin));
    throw new CorruptLogError(first, 0, `the first segment is missing, the log was durable up to ${durable}`);
  }
  const segments = await openSegments(fs, folder, bases, durable, report);
  const active = segments.at(-1);
  if (active === undefined) return { segments, last: undefined, lastBytes: 0, nextSequence: 0 };
  const files = new ReadHandles(fs);
  try {
    const last = await recoverActive(fs, files, active, durable, report, sabotage);
    if (last !== undefined) {
      const lastBytes = active.end - last.offset;
      return { segments, last, lastBytes, nextSequence: last.sequenceNumber + 1 };
    }
    const { lastBytes, baseSequence } = active.header;
    return { segments, last: recordBefore(active.header), lastBytes, nextSequence: baseSequence };
  } finally {
    await files.close();
  }
}

/** The last checkpoint; undefined in a new folder, or where it is damaged and every record has to be checked. */
async function lastCheckpoint(
  fs: FileSystem,
  folder: string,
  names: string[],
  report: (message: string) => void,
): Promise<Checkpoint | undefined> {
  if (!names.includes(CHECKPOINT_FILE)) return undefined;
  const checkpoint = await readCheckpoint(fs, folder);
  if (checkpoint !== 'damaged') return checkpoint;
  report(`${path.join(folder, CHECKPOINT_FILE)} is damaged and is made anew; every record is checked`);
  return undefined;
}

/** Removes what an end left half done: temporary files, segments that retention had let go, indexes of none. */
async function tidy(fs: FileSystem, folder: string, names: string[], begin: number): Promise<number[]> {
  const bases = names.map(baseOffsetOf).filter((base) => base !== undefined);
  const kept = bases.filter((base) => base >= begin).sort((a, b) => a - b);
  const known = new Set(kept.map((base) => segmentFileName(base)));
  const isLeftOver = (name: string) =>
    name.endsWith(TEMPORARY) ||
    (baseOffsetOf(name) ?? begin) < begin ||
    (name.endsWith('.index') && !known.has(name.replace(/index$/, 'log')));
  const leftOver = names.filter(isLeftOver);
  for (const name of leftOver) await fs.remove(path.join(folder, name));
  if (leftOver.length > 0) await fs.syncFolder(folder);
  return kept;
}

/** Opens the segments and checks that each ends where the next begins. */
async function openSegments(
  fs: FileSystem,
  folder: string,
  bases: number[],
  durable: number,
  report: (message: string) => void,
): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const [i, base] of bases.entries()) {
    const file = path.join(folder, segmentFileName(base));
    const isLast = i === bases.length - 1;
    const { header, size } = await readHeader(fs, file);
    const before = segments.at(-1);
    if (before !== undefined && before.end !== base) {
      const what =
        before.end < base ? 'the file ends too early, or a segment is missing,' : 'the file is too long';
      throw new CorruptLogError(before.path, filePosition(before, before.end), what);
    }
    if (header?.baseOffset !== base) {
      // A crash between creating a segment and syncing its header leaves one that holds nothing yet.
      const mayBeNew = isLast && size <= SEGMENT_HEADER_BYTES && durable <= base;
      if (!mayBeNew || (before === undefined && base > 0)) {
        throw new CorruptLogError(file, 0, 'the header is damaged');
      }
      report(`${file} was being created at the last end and holds nothing: removed`);
      await fs.remove(file);
      await fs.syncFolder(folder);
      break;
    }
    const end = base + Math.max(size, SEGMENT_HEADER_BYTES) - SEGMENT_HEADER_BYTES;
    segments.push({ path: file, header, end, index: undefined, removed: false });
  }
  return segments;
}

async function readHeader(fs: FileSystem, path: string) {
  const file = await fs.open(path, 'existing');
  try {
    const buffer = Buffer.alloc(SEGMENT_HEADER_BYTES);
    const read = await file.read(buffer, 0);
    return { header: decodeSegmentHeader(buffer.subarray(0, read)), size: await file.size() };
  } finally {
    await file.close();
  }
}

/** Checks every record of the last segment, cuts a torn tail off and leaves the index filled. */
async function recoverActive(
  fs: FileSystem,
  files: ReadHandles,
  segment: Segment,
  durable: number,
  report: (message: string) => void,
  sabotage?: Sabotage,
): Promise<Position | undefined> {
  const index = new SparseIndex();
  let last: Position | undefined;
  let sequenceNumber = segment.header.baseSequence;
  const { offset, reason } = await walk(files, segment, segment.header.baseOffset, segment.end, (record) => {
    if (record.sequenceNumber !== sequenceNumber) return false;
    sequenceNumber++;
    index.offer(record);
    last = {
      offset: record.offset,
      sequenceNumber: record.sequenceNumber,
      enqueuedTime: record.enqueuedTime,
    };
    return true;
  });
  const bad = filePosition(segment, offset);
  if (offset < durable && sabotage !== 'cut-acknowledged')
    throw new CorruptLogError(segment.path, bad, 'an acknowledged record is damaged or missing');
  if (reason !== 'end') {
    const tail = await readBytes(files, segment, offset, segment.end - offset);
    const witness = laterRecordKnowing(tail, offset, segment);
    if (witness !== undefined && sabotage !== 'cut-acknowledged') {
      const what = `a record is damaged, the one at byte ${filePosition(segment, witness)} shows that it was durable;`;
      throw new CorruptLogError(segment.path, bad, what);
    }
    // Zeros that lay ahead of the records are no write.
    const isUnwritten = tail.equals(Buffer.alloc(tail.length));
    if (!isUnwritten)
      report(`${segment.path}: ${segment.end - offset} bytes of an unfinished write cut off at byte ${bad}`);
  }
  segment.end = offset;
  await makeDurable(fs, segment, durable);
  segment.index = index;
  return last;
}

/**
 * A process that was killed leaves writes that the system knows and the disk does not; where it ended because
 * a sync had failed, the system even takes them for written (fsyncgate). They are shown and counted as
 * durable from now on, so what no checkpoint vouches for is written once more before it is synced.
 */
async function makeDurable(fs: FileSystem, segment: Segment, durable: number): Promise<void> {
  const file = await fs.open(segment.path, 'existing');
  try {
    const end = filePosition(segment, segment.end);
    await file.truncate(end);
    const vouched = durable > segment.header.baseOffset ? filePosition(segment, durable) : 0;
    for (let at = vouched; at < end; at += REWRITE_BYTES) {
      const block = Buffer.allocUnsafeSlow(Math.min(REWRITE_BYTES, end - at));
      await writeAll(file, block.subarray(0, await readAll(file, block, at)), at);
    }
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** The offset of a valid record behind `offset` that was written when `offset` was already durable. */
function laterRecordKnowing(tail: Buffer, offset: number, segment: Segment): number | undefined {
  const { salt } = segment.header;
  for (let at = tail.indexOf(magicBytes, 1); at !== -1; at = tail.indexOf(magicBytes, at + 1)) {
    const record = parseRecord(tail, at, tail.length, { offset: offset + at, salt, verify: true });
    if (typeof record === 'object' && !('short' in record) && record.durableBefore > offset)
      return record.offset;
  }
  return undefined;
}
