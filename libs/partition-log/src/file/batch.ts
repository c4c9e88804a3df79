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

  constructor(
    private buffer: Buffer,
    /** Of the segment the batch goes to. */
    readonly salt: number,
    /** Whether that segment begins with this batch. */
    readonly rolls: boolean,
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

  /** Where the batch's first record stands. */
  get start(): Position {
    return this.positions[0] as Position;
  }

  acknowledge(): void {
    for (const waiter of this.waiters) waiter.resolve(waiter.positions);
  }

  /** Writes one record behind the others; answers its length on disk. */
  add(payload: Payload, position: Position, durableBefore: number): number {
    const at = this.used;
    this.ensure(at + RECORD_HEADER_BYTES + payload.maxBytes);
    const end = payload.write(this.buffer, at + RECORD_HEADER_BYTES, position);
    const { offset, sequenceNumber, enqueuedTime } = position;
    sealRecord(this.buffer, at, end, { offset, sequenceNumber, enqueuedTime, durableBefore }, this.salt);
    this.used = end;
    this.positions.push(position);
    return end - at;
  }

  private ensure(bytes: number): void {
    if (this.buffer.length >= bytes) return;
    const bigger = Buffer.allocUnsafeSlow(Math.max(bytes, this.buffer.length * 2));
    this.buffer.copy(bigger, 0, 0, this.used);
    this.buffer = bigger;
  }
}
