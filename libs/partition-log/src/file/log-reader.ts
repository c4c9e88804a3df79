import { CorruptLogError } from '../errors.js';
import type { LogRecord, ReadLimits, ReadResult, TakeRecords } from '../partition-log.js';
import type { BlockCache } from './block-cache.js';
import { INVALID, positionAt, recordBytes, recordEnd, RECORD_HEADER_BYTES, SHORT } from './record-format.js';
import { filePosition, type Segment } from './segment.js';
import type { Segments } from './segments.js';
import type { TailCache } from './tail-cache.js';

/**
 * Reads records: from memory while a reader keeps up, or where another one has just read, else from disk,
 * every checksum verified.
 */
export class LogReader {
  constructor(
    private readonly segments: Segments,
    private readonly tail: TailCache,
    private readonly blocks: BlockCache,
    private readonly verify = true,
  ) {}

  /** @throws CorruptLogError */
  async read(cursor: number, durableEnd: number, limits: ReadLimits): Promise<ReadResult> {
    const records: LogRecord[] = [];
    const next = await this.copyOut(cursor, durableEnd, limits, ({ ends, copyTo }) => {
      const bytes = Buffer.allocUnsafeSlow(ends.at(-1) as number);
      copyTo(bytes);
      let at = 0;
      for (const end of ends) {
        records.push({ ...positionAt(bytes, at), payload: bytes.subarray(at + RECORD_HEADER_BYTES, end) });
        at = end;
      }
      return true;
    });
    return { records, next };
  }

  /** @throws CorruptLogError */
  async copyOut(cursor: number, durableEnd: number, limits: ReadLimits, take: TakeRecords): Promise<number> {
    for (;;) {
      const start = Math.max(cursor, this.segments.first.header.baseOffset);
      if (start >= durableEnd) return start;
      const offer = (...pieces: Buffer[]) => start + offered(pieces, limits, take);
      const kept = this.tail.allFrom(start, limits.maxBytes);
      if (kept.length > 0) return offer(...kept);
      const segment = this.segments.at(start);
      const cached = this.blocks.from(segment, start);
      if (cached !== undefined) return offer(cached);
      try {
        const read = (target: Buffer) => this.readRecords(segment, start, target);
        const use = (records: Buffer) =>
          records.length > 0 ? offer(records) : this.readLarge(segment, start).then(offer);
        const next = await this.blocks.fill(segment, start, read, use);
        if (next !== undefined) return next;
      } catch (error) {
        if (!segment.removed) throw error; // expired meanwhile: on from the new begin
      }
    }
  }

  /** Fills the target from an offset on; answers the bytes of the whole records, 0 = the first is larger. */
  private async readRecords(segment: Segment, offset: number, target: Buffer): Promise<number> {
    const asked = target.subarray(0, segment.end - offset);
    const read = await this.segments.files.readInto(segment.path, filePosition(segment, offset), asked);
    const bytes = asked.subarray(0, read);
    const { salt } = segment.header;
    for (let at = 0; ;) {
      const end = recordEnd(bytes, at, offset + at, salt, this.verify);
      if (end > 0) at = end;
      else if (at > 0 || (end === SHORT && read === target.length)) return at;
      else throw damaged(segment, offset);
    }
  }

  /** The record at an offset, which is larger than a block. */
  private async readLarge(segment: Segment, offset: number): Promise<Buffer> {
    const { files } = this.segments;
    const position = filePosition(segment, offset);
    const header = await files.read(segment.path, position, RECORD_HEADER_BYTES);
    const whole = recordEnd(header, 0, offset, 0, false) !== INVALID && header.length === RECORD_HEADER_BYTES;
    const length = whole ? recordBytes(header, 0) : Infinity;
    if (offset + length > segment.end) throw damaged(segment, offset);
    const record = await files.read(segment.path, position, length);
    if (recordEnd(record, 0, offset, segment.header.salt, this.verify) !== length) {
      throw damaged(segment, offset);
    }
    return record;
  }
}

/** Offers whole records of pieces that follow each other, within the limits; answers the bytes that were taken. */
function offered(pieces: readonly Buffer[], limits: ReadLimits, take: TakeRecords): number {
  const ends = recordEnds(pieces, limits);
  const length = ends.at(-1);
  if (length === undefined) return 0;
  const copyTo = (target: Buffer) => {
    let at = 0;
    for (const piece of pieces) at += piece.copy(target, at, 0, length - at);
  };
  return take({ ends, copyTo }) ? length : 0;
}

function recordEnds(pieces: readonly Buffer[], { maxBytes, maxRecords }: ReadLimits): number[] {
  const ends: number[] = [];
  let end = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const bytes = recordBytes(piece, at);
      if (ends.length >= maxRecords || (ends.length > 0 && end + bytes > maxBytes)) return ends;
      at += bytes;
      end += bytes;
      ends.push(end);
    }
  }
  return ends;
}

const damaged = (segment: Segment, offset: number): CorruptLogError =>
  new CorruptLogError(segment.path, filePosition(segment, offset), 'a damaged record');
