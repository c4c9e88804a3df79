import { CorruptLogError } from '../errors.js';
import type { LogRecord, ReadLimits, ReadResult } from '../partition-log.js';
import { parseRecord, RECORD_HEADER_BYTES } from './record-format.js';
import { filePosition, readBytes, type Segment } from './segment.js';
import type { Segments } from './segments.js';
import type { TailCache } from './tail-cache.js';

/** Reads records: from memory while a reader keeps up, else from disk, every checksum verified. */
export class LogReader {
  constructor(
    private readonly segments: Segments,
    private readonly tail: TailCache,
    private readonly verify = true,
  ) {}

  /** @throws CorruptLogError */
  async read(cursor: number, durableEnd: number, limits: ReadLimits): Promise<ReadResult> {
    const records: LogRecord[] = [];
    let next = Math.max(cursor, this.segments.first.header.baseOffset);
    let maxBytes = limits.maxBytes;
    for (let chunk = this.tail.from(next); chunk !== undefined; chunk = this.tail.from(next)) {
      const read = take(chunk, next, this.segments.at(next), records, { ...limits, maxBytes }, false);
      if (read === 0) break;
      next += read;
      maxBytes -= read;
    }
    if (records.length > 0 || next >= durableEnd) return { records, next };
    const segment = this.segments.at(next);
    try {
      return await this.readFromDisk(segment, next, limits);
    } catch (error) {
      if (!segment.removed) throw error;
      return this.read(cursor, durableEnd, limits); // expired meanwhile: on from the new begin
    }
  }

  private async readFromDisk(segment: Segment, cursor: number, limits: ReadLimits): Promise<ReadResult> {
    const { end } = segment;
    const records: LogRecord[] = [];
    let want = Math.max(limits.maxBytes, RECORD_HEADER_BYTES);
    for (;;) {
      const block = await readBytes(this.segments.files, segment, cursor, Math.min(want, end - cursor));
      const read = take(block, cursor, segment, records, limits, this.verify);
      if (read > 0) return { records, next: cursor + read };
      // One record larger than the block: read it whole.
      const first = parseRecord(block, 0, block.length, { offset: cursor, salt: 0, verify: false });
      if (first === 'invalid' || !('short' in first) || first.short <= want || cursor + first.short > end) {
        throw damaged(segment, cursor);
      }
      want = first.short;
    }
  }
}

/** Takes whole records out of a block within the limits; answers the bytes taken. */
function take(
  block: Buffer,
  cursor: number,
  segment: Segment,
  records: LogRecord[],
  limits: ReadLimits,
  verify: boolean,
): number {
  const { salt } = segment.header;
  let at = 0;
  while (at < block.length && records.length < limits.maxRecords) {
    const record = parseRecord(block, at, block.length, { offset: cursor + at, salt, verify });
    if (record === 'invalid') throw damaged(segment, cursor + at);
    if ('short' in record || (records.length > 0 && record.payloadEnd > limits.maxBytes)) break;
    const { offset, sequenceNumber, enqueuedTime, payloadStart, payloadEnd } = record;
    records.push({ offset, sequenceNumber, enqueuedTime, payload: block.subarray(payloadStart, payloadEnd) });
    at = payloadEnd;
  }
  return at;
}

const damaged = (segment: Segment, offset: number): CorruptLogError =>
  new CorruptLogError(segment.path, filePosition(segment, offset), 'a damaged record');
