import { setImmediate } from 'node:timers/promises';
import { AppendRefusedError, LogClosedError, LogFailedError } from '../errors.js';
import type { Payload, Position } from '../partition-log.js';
import { Batch } from './batch.js';
import { MAX_PAYLOAD_BYTES, RECORD_HEADER_BYTES } from './record-format.js';
import { newSalt } from './segment-header.js';
import type { Sabotage } from './sabotage.js';
import type { Segments } from './segments.js';
import { StagingArea, type StagingMemory } from './staging-memory.js';

/** A batch takes no further append beyond this, so that one sync never waits for an endless write. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** So many bytes are worth a sync of their own: it goes on while what else has arrived is read. */
const AT_ONCE_BYTES = 32 * 1024;

export interface AppenderOptions {
  readonly segments: Segments;
  readonly staging: StagingMemory;
  readonly segmentBytes: number;
  /** Appends are refused while so many bytes wait for the disk. */
  readonly maxPendingBytes: number;
  readonly sabotage?: Sabotage | undefined;
  /** The position the next record gets; its time is the last record's. */
  readonly next: Position;
  /** Length of the last record; 0 = there is none. */
  readonly lastBytes: number;
  now(): number;
  /** A batch became durable. The bytes are not changed any more. */
  durable(batch: Batch): void;
  /** Nothing is left to write. */
  idle(): void;
}

/**
 * Group commit. Appends are laid out in memory at once and share a write and a sync with all that arrive
 * while the one before is on its way to the disk:
 *
 *   staged ──(one at a time)──▶ written ──▶ synced ──▶ acknowledged, readable
 *             write fails: taken back from the file, every staged append refused, the log goes on
 *             sync fails: the log has failed for good. What a failed sync left on disk is unknown and a
 *             second one would report success without having written (PostgreSQL's fsyncgate).
 */
export class Appender {
  failure: Error | undefined;
  durableEnd: number;
  private readonly next: { -readonly [K in keyof Position]: Position[K] };
  private readonly area: StagingArea;
  private lastBytes: number;
  private staged: Batch[] = [];
  /** The segment the next record will stand in, once the staged batches are written. */
  private target: { baseOffset: number; salt: number };
  /** The next batch begins a segment, however small the one before is. */
  private sealing = false;
  private running: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly options: AppenderOptions) {
    this.next = { ...options.next };
    this.area = new StagingArea(options.staging);
    this.lastBytes = options.lastBytes;
    this.durableEnd = options.next.offset;
    this.target = options.segments.active.header;
  }

  get pendingBytes(): number {
    return this.next.offset - this.durableEnd;
  }

  append(payloads: readonly Payload[]): Promise<Position[]> {
    if (this.failure !== undefined) return Promise.reject(this.failed());
    if (this.closed) return Promise.reject(new LogClosedError());
    if (payloads.length === 0) return Promise.resolve([]);
    let bytes = 0;
    for (const { maxBytes } of payloads) {
      if (maxBytes > MAX_PAYLOAD_BYTES)
        return Promise.reject(new AppendRefusedError('the payload is too large'));
      bytes += RECORD_HEADER_BYTES + maxBytes;
    }
    const { maxPendingBytes } = this.options;
    if (this.pendingBytes > 0 && this.pendingBytes + bytes > maxPendingBytes) {
      const what = `the disk is slow: ${this.pendingBytes} bytes wait for it already`;
      return Promise.reject(new AppendRefusedError(what));
    }
    const batch = this.batchFor(bytes);
    this.next.enqueuedTime = Math.max(this.options.now(), this.next.enqueuedTime);
    const positions = payloads.map((payload) => this.stage(batch, payload));
    return new Promise<Position[]>((resolve, reject) => {
      batch.waiters.push({ positions, resolve, reject });
      this.running ??= this.run(batch.size >= AT_ONCE_BYTES);
    });
  }

  /**
   * Ends the active segment, unless it is empty: at once where nothing is on its way, else with the next batch.
   * @throws AppendRefusedError the new segment could not be made; @throws LogFailedError
   */
  async seal(): Promise<void> {
    if (this.failure !== undefined || this.closed || this.next.offset === this.target.baseOffset) return;
    this.sealing = true;
    if (this.running !== undefined) return;
    const batch = this.batchFor(0);
    await new Promise<unknown>((resolve, reject) => {
      batch.waiters.push({ positions: [], resolve, reject });
      this.running = this.run(false);
    });
  }

  /** Waits for what was appended; later appends are refused. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running;
  }

  private batchFor(bytes: number): Batch {
    const current = this.staged.at(-1);
    const length = this.next.offset - this.target.baseOffset;
    const rolls = length >= this.options.segmentBytes || (this.sealing && length > 0);
    if (current !== undefined && !rolls && current.size + bytes <= MAX_BATCH_BYTES) return current;
    if (rolls) this.target = { baseOffset: this.next.offset, salt: newSalt() };
    this.sealing = false;
    const batch = new Batch(this.area, { ...this.next }, this.target.salt, rolls, this.lastBytes);
    this.staged.push(batch);
    return batch;
  }

  private stage(batch: Batch, payload: Payload): Position {
    const { next } = this;
    const { offset, sequenceNumber, enqueuedTime } = next;
    const position: Position = { offset, sequenceNumber, enqueuedTime };
    this.lastBytes = batch.add(payload, position, this.durableEnd);
    next.offset += this.lastBytes;
    next.sequenceNumber++;
    return position;
  }

  private async run(atOnce: boolean): Promise<void> {
    // After the sockets that are readable now have been read: what they bring shares the sync.
    if (!atOnce) await setImmediate();
    for (let batch = this.staged.shift(); batch !== undefined; batch = this.staged.shift()) {
      if (!(await this.write(batch))) continue;
      if (this.options.sabotage === 'ack-before-sync') batch.acknowledge();
      if (!(await this.sync(batch))) continue;
      this.durableEnd = batch.start.offset + batch.size;
      this.options.segments.advance(this.durableEnd);
      this.options.durable(batch);
      batch.acknowledge();
    }
    this.running = undefined;
    this.options.idle();
  }

  private async write(batch: Batch): Promise<boolean> {
    const { segments, sabotage } = this.options;
    try {
      if (batch.rolls) await segments.roll(batch.start, batch.salt, batch.lastBytes);
      batch.vouchFor(this.durableEnd);
      for (const { bytes, offset } of batch.writes())
        await segments.write(bytes, offset, sabotage === 'ignore-short-write');
      await segments.extend(batch.start.offset + batch.size, batch.size, this.options.segmentBytes);
      return true;
    } catch (error) {
      if (error instanceof LogFailedError) this.fail(batch, error.cause);
      else await this.takeBack(batch, error);
      return false;
    }
  }

  private async sync(batch: Batch): Promise<boolean> {
    try {
      await this.options.segments.datasync();
      return true;
    } catch (error) {
      if (this.options.sabotage === 'retry-sync') return this.options.segments.datasync().then(() => true);
      this.fail(batch, error);
      return false;
    }
  }

  /** Positions behind the durable end were never acknowledged: they go to later records. */
  private async takeBack(batch: Batch, cause: unknown): Promise<void> {
    const { segments } = this.options;
    try {
      await segments.truncateTo(this.durableEnd);
    } catch (error) {
      this.fail(batch, error);
      return;
    }
    const refused = [batch, ...this.staged];
    this.staged = [];
    this.target = segments.active.header;
    Object.assign(this.next, batch.start);
    this.lastBytes = batch.lastBytes;
    const error = new AppendRefusedError(`not written: ${String(cause)}`, { cause });
    for (const each of refused) each.refuse(error);
  }

  private fail(batch: Batch, cause: unknown): void {
    this.failure = cause instanceof Error ? cause : new Error(String(cause));
    const refused = [batch, ...this.staged];
    this.staged = [];
    for (const each of refused) each.refuse(this.failed());
  }

  private failed(): LogFailedError {
    return new LogFailedError(`the partition failed: ${this.failure?.message}`, { cause: this.failure });
  }
}
