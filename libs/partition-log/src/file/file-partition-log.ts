import { LogClosedError } from '../errors.js';
import type { FileSystem } from '../file-system/file-system.js';
import { NodeFileSystem } from '../file-system/node-file-system.js';
import type {
  LogState,
  PartitionLog,
  Payload,
  Position,
  ReadLimits,
  ReadResult,
  StartPosition,
} from '../partition-log.js';
import { isExpired, steadyClock, type Retention } from '../retention.js';
import { Appender } from './appender.js';
import type { Batch } from './batch.js';
import { writeCheckpoint, type Checkpoint } from './checkpoint.js';
import { LogReader } from './log-reader.js';
import { recover } from './recovery.js';
import type { Sabotage } from './sabotage.js';
import type { Segment } from './segment.js';
import { Segments } from './segments.js';
import { TailCache } from './tail-cache.js';

export interface FileLogOptions {
  /** The partition's own folder; made where there is none. */
  readonly folder: string;
  /** A segment this large is followed by a new one. Default 32 MiB; an eighth of `retention.bytes` at most. */
  readonly segmentBytes?: number;
  /** By default everything stays. */
  readonly retention?: Retention;
  /** Appends are refused while so many bytes wait for the disk. Default 16 MiB. */
  readonly maxPendingBytes?: number;
  /** How much of the newest records stays in memory for readers that keep up. Default 1 MiB. */
  readonly tailCacheBytes?: number;
  /** So long without an append, and the checkpoint is written. Default 200 ms. */
  readonly idleMs?: number;
  /** It is written so often while appends go on. Default 5 s. */
  readonly busyMs?: number;
  readonly fileSystem?: FileSystem;
  readonly now?: () => number;
  /** Milliseconds of a clock that is never set: no age grows faster. Default performance.now. */
  readonly uptime?: () => number;
  /** Told what recovery and upkeep did, one sentence each. */
  readonly report?: (message: string) => void;
  /** For the tests of the tests. */
  readonly sabotage?: Sabotage;
}

const MiB = 1024 * 1024;
/** A segment holds at most this part of what retention keeps, so that not much more is kept. */
const SEGMENTS_KEPT = 8;
const BUSY_MS = 5_000;

/** A partition in a folder of segment files. Two logs must never be open on one folder: see FolderLock. */
export class FilePartitionLog implements PartitionLog {
  private readonly fs: FileSystem;
  private readonly report: (message: string) => void;
  private readonly tail: TailCache;
  private readonly reader: LogReader;
  private readonly appender: Appender;
  private readonly listeners = new Set<() => void>();
  private nextSequence: number;
  private lastPosition: Position | undefined;
  private checkpointed: Checkpoint;
  private checkpointing: Promise<void> = Promise.resolve();
  private checkpointAt: number;
  private idleTimer: NodeJS.Timeout | undefined;
  private expiring: Promise<void> | undefined;
  /** What ages are reckoned with. */
  private readonly clock: () => number;
  private readonly uptime: () => number;
  private closed = false;

  /** @throws CorruptLogError the folder holds damaged records that were once acknowledged */
  static async open(options: FileLogOptions): Promise<FilePartitionLog> {
    const fs = options.fileSystem ?? new NodeFileSystem();
    const now = options.now ?? Date.now;
    const report = options.report ?? (() => undefined);
    await fs.makeFolder(options.folder);
    const recovered = await recover(fs, options.folder, report, options.sabotage);
    const segments = await Segments.open(fs, options.folder, recovered, now(), report);
    const { last, lastBytes, nextSequence } = recovered;
    const enqueuedTime = last?.enqueuedTime ?? segments.active.header.created;
    const next = { offset: segments.active.end, sequenceNumber: nextSequence, enqueuedTime };
    const log = new FilePartitionLog(options, fs, segments, next, last, lastBytes);
    await log.checkpointIfPossible();
    return log;
  }

  private constructor(
    private readonly options: FileLogOptions,
    fs: FileSystem,
    private readonly segments: Segments,
    next: Position,
    last: Position | undefined,
    lastBytes: number,
  ) {
    const { now = Date.now, uptime = performance.now.bind(performance), retention } = options;
    this.fs = fs;
    this.clock = steadyClock(now, uptime);
    this.uptime = uptime;
    this.checkpointAt = uptime() + (options.busyMs ?? BUSY_MS);
    this.checkpointed = { durableEnd: -1, begin: segments.first.header.baseOffset };
    this.report = options.report ?? (() => undefined);
    this.tail = new TailCache(options.tailCacheBytes ?? MiB);
    this.reader = new LogReader(segments, this.tail, options.sabotage !== 'skip-checksum');
    this.lastPosition = last;
    this.appender = new Appender({
      segments,
      sabotage: options.sabotage,
      segmentBytes: Math.min(
        options.segmentBytes ?? 32 * MiB,
        (retention?.bytes ?? Infinity) / SEGMENTS_KEPT,
      ),
      maxPendingBytes: options.maxPendingBytes ?? 16 * MiB,
      next,
      lastBytes,
      now,
      durable: (batch) => this.becameDurable(batch),
      idle: () => this.becameIdle(),
    });
    this.nextSequence = next.sequenceNumber;
  }

  get state(): LogState {
    const { baseOffset, baseSequence } = this.segments.first.header;
    return {
      begin: { offset: baseOffset, sequenceNumber: baseSequence },
      next: { offset: this.appender.durableEnd, sequenceNumber: this.nextSequence },
      last: this.lastPosition,
    };
  }

  get pendingBytes(): number {
    return this.appender.pendingBytes;
  }

  get failure(): Error | undefined {
    return this.appender.failure;
  }

  append(payloads: readonly Payload[]): Promise<Position[]> {
    return this.appender.append(payloads);
  }

  async locate(start: StartPosition): Promise<number> {
    this.assertOpen();
    const end = this.appender.durableEnd;
    if (start.kind === 'earliest') return this.segments.first.header.baseOffset;
    if (start.kind === 'latest') return end;
    return this.segments.locate(start, end);
  }

  async read(cursor: number, limits: ReadLimits): Promise<ReadResult> {
    this.assertOpen();
    return this.reader.read(cursor, this.appender.durableEnd, limits);
  }

  onDurable(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  expire(): Promise<void> {
    this.expiring ??= this.removeExpired().finally(() => {
      this.expiring = undefined;
    });
    return this.expiring;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.idleTimer);
    await this.expiring?.catch(() => undefined); // whoever asked for it learns of it
    await this.appender.close();
    clearTimeout(this.idleTimer);
    if (this.failure === undefined) await this.checkpointIfPossible();
    await this.segments.close();
  }

  private becameDurable(batch: Batch): void {
    if (batch.positions.length === 0) return; // it only ended a segment
    for (const position of batch.positions) this.segments.active.index?.offer(position);
    this.lastPosition = batch.positions.at(-1);
    this.nextSequence += batch.positions.length;
    this.tail.push(batch.start.offset, batch.toKeep());
    clearTimeout(this.idleTimer);
    if (this.uptime() >= this.checkpointAt) {
      this.checkpointAt = this.uptime() + (this.options.busyMs ?? BUSY_MS);
      void this.checkpointIfPossible();
    }
    for (const listener of this.listeners) listener();
  }

  private becameIdle(): void {
    if (this.closed || this.failure !== undefined) return;
    this.idleTimer = setTimeout(() => void this.checkpointIfPossible(), this.options.idleMs ?? 200).unref();
  }

  /** Without one the log is as durable, only a torn tail is less narrowed down. */
  private async checkpointIfPossible(): Promise<void> {
    try {
      await this.checkpoint(this.checkpointed.begin);
    } catch (error) {
      this.report(`${this.options.folder}: checkpoint not written (${String(error)})`);
    }
  }

  /** One after the other. */
  private checkpoint(begin: number): Promise<void> {
    const written = this.checkpointing.then(() => this.writeCheckpoint(begin));
    this.checkpointing = written.catch(() => undefined); // whoever asked for it learns of it
    return written;
  }

  private async writeCheckpoint(from: number): Promise<void> {
    const { durableEnd } = this.appender;
    const begin = Math.max(from, this.checkpointed.begin);
    if (durableEnd === this.checkpointed.durableEnd && begin === this.checkpointed.begin) return;
    await writeCheckpoint(this.fs, this.options.folder, { durableEnd, begin });
    this.checkpointed = { durableEnd, begin };
  }

  /**
   * Segments go whole, the oldest first. That one is to go is noted durably before anything of it is touched: a
   * crash leaves it there as a whole, or the next start finishes the removal.
   */
  private async removeExpired(): Promise<void> {
    const retention = this.options.retention ?? {};
    if (!this.closed && this.isOld(retention.ms)) await this.appender.seal();
    for (let next = this.expiredBefore(retention); next !== undefined; next = this.expiredBefore(retention)) {
      await this.segments.prepareRemoval();
      if (this.options.sabotage !== 'expire-unnoted') await this.checkpoint(next.header.baseOffset);
      await this.segments.removeFirst();
    }
  }

  /** Whether the active segment has been open for long enough: its first records must not wait for the last. */
  private isOld(ms: number | undefined): boolean {
    const since = this.segments.active.index?.since;
    return ms !== undefined && since !== undefined && since + ms / SEGMENTS_KEPT <= this.clock();
  }

  /** The segment behind the first one, if the first one may go. */
  private expiredBefore(retention: Retention): Segment | undefined {
    const { second } = this.segments;
    if (second === undefined || this.closed || this.failure !== undefined) return undefined;
    const { baseOffset, created: newestTime } = second.header;
    const bytesBehind = this.appender.durableEnd - baseOffset;
    if (this.options.sabotage === 'expire-early') return second;
    return isExpired(retention, { newestTime, bytesBehind }, this.clock()) ? second : undefined;
  }

  private assertOpen(): void {
    if (this.closed) throw new LogClosedError();
  }
}
