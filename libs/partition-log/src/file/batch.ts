import type { Payload, Position } from '../partition-log.js';
import { RECORD_HEADER_BYTES, sealRecord } from './record-format.js';

interface Waiter {
  readonly positions: Position[];
  resolve(positions: Position[]): void;
  reject(error: Error): void;
}

/** Records that are written and synced together: the unit of group commit. */
export class Batch {
  readonly waiters: Waiter[] = [];
  readonly positions: Position[] = [];
  private used = 0;
  private firstEnd = 0;

  constructor(
    private buffer: Buffer,
    /** Where its first record will stand; the time is that of the record before. */
    readonly start: Position,
    /** Of the segment the batch goes to. */
    readonly salt: number,
    /** Whether that segment begins with this batch. */
    readonly rolls: boolean,
    /** Length of the record before its first one; 0 = there is none. */
    readonly lastBytes: number,
  ) {}

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.used);
  }

  get size(): number {
    return this.used;
  }

  /** The records for the tail cache: copied if the buffer they stand in is mostly empty. */
  toKeep(): Buffer {
    return this.used * 2 < this.buffer.length ? Buffer.from(this.bytes) : this.bytes;
  }

  acknowledge(): void {
    for (const waiter of this.waiters) waiter.resolve(waiter.positions);
  }

  /** Writes one record behind the others; answers its length on disk. */
  add(payload: Payload, position: Position, durableBefore: number): number {
    const at = this.used;
    this.ensure(at + RECORD_HEADER_BYTES + payload.maxBytes);
    const end = payload.write(this.buffer, at + RECORD_HEADER_BYTES, position);
    this.seal(at, end, position, durableBefore);
    this.used = end;
    if (at === 0) this.firstEnd = end;
    this.positions.push(position);
    return end - at;
  }

  /**
   * Notes in the first record what is durable now, just before the batch is written: when the record was laid
   * out, the batch before was still on its way, and only this one can vouch for it after a crash.
   */
  vouchFor(durableEnd: number): void {
    const [first] = this.positions;
    if (first !== undefined) this.seal(0, this.firstEnd, first, durableEnd);
  }

  private seal(at: number, end: number, position: Position, durableBefore: number): void {
    const { offset, sequenceNumber, enqueuedTime } = position;
    sealRecord(this.buffer, at, end, { offset, sequenceNumber, enqueuedTime, durableBefore }, this.salt);
  }

  private ensure(bytes: number): void {
    if (this.buffer.length >= bytes) return;
    const bigger = Buffer.allocUnsafeSlow(Math.max(bytes, this.buffer.length * 2));
    this.buffer.copy(bigger, 0, 0, this.used);
    this.buffer = bigger;
  }
}
