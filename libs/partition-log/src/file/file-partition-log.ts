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
import { Appender } from './appender.js';
import type { Batch } from './batch.js';
import { writeCheckpoint } from './checkpoint.js';
import { LogReader } from './log-reader.js';
import { recover } from './recovery.js';
import type { Sabotage } from './sabotage.js';
import { Segments } from './segments.js';
import { TailCache } from './tail-cache.js';

export interface FileLogOptions {
  /** The partition's own folder; made where there is none. */
  readonly folder: string;
  /** A segment this large is followed by a new one. Default 32 MiB. */
  readonly segmentBytes?: number;
  /** How much of the newest records stays in memory for readers that keep up. Default 1 MiB. */
  readonly tailCacheBytes?: number;
  /** So long without an append, and the checkpoint is written. Default 200 ms. */
  readonly idleMs?: number;
  readonly fileSystem?: FileSystem;
  readonly now?: () => number;
  /** Told what recovery and upkeep did, one sentence each. */
  readonly report?: (message: string) => void;
  /** For the tests of the tests. */
  readonly sabotage?: Sabotage;
}

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
  private checkpointed = -1;
  private idleTimer: NodeJS.Timeout | undefined;
  private checkpointing: Promise<void> = Promise.resolve();
  private closed = false;

  /** @throws CorruptLogError the folder holds damaged records that were once acknowledged */
  static async open(options: FileLogOptions): Promise<FilePartitionLog> {
    const fs = options.fileSystem ?? new NodeFileSystem();
    const now = options.now ?? Date.now;
    const report = options.report ?? (() => undefined);
    await fs.makeFolder(options.folder);
    const recovered = await recover(fs, options.folder, report);
    const segments = await Segments.open(fs, options.folder, recovered, now(), report);
    const { last, nextSequence } = recovered;
    const enqueuedTime = last?.enqueuedTime ?? segments.active.header.created;
    const next = { offset: segments.active.end, sequenceNumber: nextSequence, enqueuedTime };
    const log = new FilePartitionLog(options, fs, segments, next, last);
    await log.checkpoint();
    return log;
  }

  private constructor(
    private readonly options: FileLogOptions,
    fs: FileSystem,
    private readonly segments: Segments,
    next: Position,
    last: Position | undefined,
  ) {
    this.fs = fs;
    this.report = options.report ?? (() => undefined);
    this.tail = new TailCache(options.tailCacheBytes ?? 1024 * 1024);
    this.reader = new LogReader(segments, this.tail, options.sabotage !== 'skip-checksum');
    this.lastPosition = last;
    this.appender = new Appender({
      segments,
      sabotage: options.sabotage,
      segmentBytes: options.segmentBytes ?? 32 * 1024 * 1024,
      next,
      now: options.now ?? Date.now,
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

  /** When the log began, ms since 1970. */
  get created(): number {
    return this.segments.first.header.created;
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

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.idleTimer);
    await this.appender.close();
    clearTimeout(this.idleTimer);
    if (this.failure === undefined) await this.checkpoint();
    await this.segments.close();
  }

  private becameDurable(batch: Batch): void {
    for (const position of batch.positions) this.segments.active.index?.offer(position);
    this.lastPosition = batch.positions.at(-1);
    this.nextSequence += batch.positions.length;
    this.tail.push(batch.start.offset, batch.toKeep());
    clearTimeout(this.idleTimer);
    for (const listener of this.listeners) listener();
  }

  private becameIdle(): void {
    if (this.closed || this.failure !== undefined) return;
    this.idleTimer = setTimeout(() => void this.checkpoint(), this.options.idleMs ?? 200).unref();
  }

  /** One after the other. Without a checkpoint the log is as durable, only a torn tail is less narrowed down. */
  private checkpoint(): Promise<void> {
    this.checkpointing = this.writeCheckpointAfter(this.checkpointing);
    return this.checkpointing;
  }

  private async writeCheckpointAfter(before: Promise<void>): Promise<void> {
    await before;
    const { durableEnd } = this.appender;
    if (durableEnd === this.checkpointed) return;
    try {
      await writeCheckpoint(this.fs, this.options.folder, durableEnd);
      this.checkpointed = durableEnd;
    } catch (error) {
      this.report(`${this.options.folder}: checkpoint not written (${String(error)})`);
    }
  }

  private assertOpen(): void {
    if (this.closed) throw new LogClosedError();
  }
}
