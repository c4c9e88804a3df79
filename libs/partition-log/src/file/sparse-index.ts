import { crc32 } from 'node:zlib';
import type { Position, StartPosition } from '../partition-log.js';
import { readU64, writeU64 } from './integers.js';

/** One entry for about this many bytes of log: what a search has to walk through, twice as many at most. */
export const INDEX_STEP_BYTES = 64 * 1024;
const ENTRY_BYTES = 24;
const HEADER_BYTES = 16;
const NAME = 'PLINDEX1';

/**
 * Some of a segment's positions, in order, the first record's among them. It only tells where to start a
 * walk, so it can always be made again from the segment.
 *
 * Its file: "PLINDEX1", u32 number of entries, u32 crc-32 of the entries, then entries of three u64
 * (offset, sequence number, enqueued time).
 */
export class SparseIndex {
  private readonly entries: Position[] = [];

  /** Takes a record's position if it is far enough from the last one taken. Records come in order. */
  offer(position: Position): void {
    const last = this.entries.at(-1);
    if (last === undefined || position.offset - last.offset >= INDEX_STEP_BYTES) {
      const { offset, sequenceNumber, enqueuedTime } = position;
      this.entries.push({ offset, sequenceNumber, enqueuedTime });
    }
  }

  /** The last indexed offset at which a walk finds every record that matches; undefined = from the start. */
  walkFrom(start: Exclude<StartPosition, { kind: 'earliest' | 'latest' }>): number | undefined {
    // Several records may share a time, so only a strictly earlier one is safe to start from.
    const before = (entry: Position) =>
      start.kind === 'enqueuedTime' ? entry.enqueuedTime < start.value : entry[start.kind] <= start.value;
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.entries[middle];
      if (entry !== undefined && before(entry)) low = middle + 1;
      else high = middle;
    }
    return this.entries[low - 1]?.offset;
  }

  /** The first record's time. */
  get since(): number | undefined {
    return this.entries[0]?.enqueuedTime;
  }

  /** Whether its entries lie in a segment, as far as they tell. */
  fits(baseOffset: number, end: number): boolean {
    const [first, last] = [this.entries[0], this.entries.at(-1)];
    return first?.offset === baseOffset && last !== undefined && last.offset < end;
  }

  encode(): Buffer {
    const buffer = Buffer.alloc(HEADER_BYTES + this.entries.length * ENTRY_BYTES);
    this.entries.forEach((entry, i) => {
      const at = HEADER_BYTES + i * ENTRY_BYTES;
      writeU64(buffer, entry.offset, at);
      writeU64(buffer, entry.sequenceNumber, at + 8);
      writeU64(buffer, entry.enqueuedTime, at + 16);
    });
    buffer.write(NAME, 0, 'ascii');
    buffer.writeUInt32BE(this.entries.length, 8);
    buffer.writeUInt32BE(crc32(buffer.subarray(HEADER_BYTES)), 12);
    return buffer;
  }

  /** Answers undefined where the bytes are not a whole index. */
  static decode(buffer: Buffer): SparseIndex | undefined {
    if (buffer.length < HEADER_BYTES || buffer.toString('ascii', 0, 8) !== NAME) return undefined;
    const count = buffer.readUInt32BE(8);
    if (buffer.length !== HEADER_BYTES + count * ENTRY_BYTES) return undefined;
    if (crc32(buffer.subarray(HEADER_BYTES)) !== buffer.readUInt32BE(12)) return undefined;
    const index = new SparseIndex();
    for (let at = HEADER_BYTES; at < buffer.length; at += ENTRY_BYTES) {
      index.entries.push({
        offset: readU64(buffer, at),
        sequenceNumber: readU64(buffer, at + 8),
        enqueuedTime: readU64(buffer, at + 16),
      });
    }
    return index;
  }
}
