import type { Payload, Position } from '../partition-log.js';
import { RECORD_HEADER_BYTES, sealRecord } from './record-format.js';
import { INDEX_STEP_BYTES } from './sparse-index.js';
import { bytesOf, type Piece, type StagingArea } from './staging-memory.js';

interface Waiter {
  readonly positions: Position[];
  resolve(positions: Position[]): void;
  reject(error: Error): void;
}

/** Records that are written and synced together: the unit of group commit. */
export class Batch {
  readonly waiters: Waiter[] = [];
  /** The first position and some of the others: what an index wants to know. */
  readonly landmarks: Position[] = [];
  /** Each holds its block, until `release` or until somebody else is given the piece. */
  readonly pieces: Piece[] = [];
  last: Position | undefined;
  count = 0;
  private used = 0;
  private firstBytes = 0;

  constructor(
    private readonly area: StagingArea,
    /** Where its first record will stand; the time is that of the record before. */
    readonly start: Position,
    /** Of the segment the batch goes to. */
    readonly salt: number,
    /** Whether that segment begins with this batch. */
    readonly rolls: boolean,
    /** Length of the record before its first one; 0 = there is none. */
    readonly lastBytes: number,
  ) {}

  get size(): number {
    return this.used;
  }

  acknowledge(): void {
    for (const waiter of this.waiters) waiter.resolve(waiter.positions);
  }

  /** Nothing of it is kept. */
  refuse(error: Error): void {
    for (const { block } of this.pieces) block.release();
    for (const waiter of this.waiters) waiter.reject(error);
  }

  /** Writes one record behind the others; answers its length on disk. */
  add(payload: Payload, position: Position, durableBefore: number): number {
    const { area } = this;
    const block = area.reserve(RECORD_HEADER_BYTES + payload.maxBytes);
    const { at } = area;
    const end = payload.write(block.buffer, at + RECORD_HEADER_BYTES, position);
    sealRecord(block.buffer, at, end, position, durableBefore, this.salt);
    area.advance(end);
    const piece = this.pieces.at(-1);
    if (piece?.block === block && piece.to === at) piece.to = end;
    else this.pieces.push({ block: block.hold(), from: at, to: end, offset: position.offset });
    if (this.count === 0) this.firstBytes = end - at;
    this.note(position);
    this.used += end - at;
    return end - at;
  }

  /**
   * Notes in the first record what is durable now, just before the batch is written: when the record was laid
   * out, the batch before was still on its way, and only this one can vouch for it after a crash.
   */
  vouchFor(durableEnd: number): void {
    const [first] = this.landmarks;
    const [piece] = this.pieces;
    if (first === undefined || piece === undefined) return;
    sealRecord(piece.block.buffer, piece.from, piece.from + this.firstBytes, first, durableEnd, this.salt);
  }

  /** What goes to the disk, in order: bytes, and the offset they stand at. */
  *writes(): Iterable<{ bytes: Buffer; offset: number }> {
    for (const piece of this.pieces) yield { bytes: bytesOf(piece), offset: piece.offset };
  }

  private note(position: Position): void {
    this.count++;
    this.last = position;
    const before = this.landmarks.at(-1);
    if (before === undefined || position.offset - before.offset >= INDEX_STEP_BYTES) {
      this.landmarks.push(position);
    }
  }
}
