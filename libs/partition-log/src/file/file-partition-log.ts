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
  TakeRecords,
} from '../partition-log.js';
import { steadyClock, type Retention } from '../retention.js';
import { Appender } from './appender.js';
import type { Batch } from './batch.js';
import { BlockCache } from './block-cache.js';
import { Checkpoints } from './checkpoints.js';
import { Expiry, SEGMENTS_KEPT } from './expiry.js';
import { LogReader } from './log-reader.js';
import { recover, type Recovered } from './recovery.js';
import type { Sabotage } from './sabotage.js';
import { Segments } from './segments.js';
import { StagingMemory } from './staging-memory.js';
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
  /** What was read from disk; may be shared by logs. Default one of 512 KiB of its own. */
  readonly blocks?: BlockCache;
  /** Where records are laid out; to be shared by the logs of a process. Default: memory of its own. */
  readonly staging?: StagingMemory;
  /** So long without an append, and the checkpoint is written. Default 200 ms. */
  readonly idleMs?: number;
  /** It is written so often while appends go on. Default 5 s. */
  readonly busyMs?: number;
  readonly fileSystem?: FileSystem;
  readonly now?: () => number;
  /** Milliseconds of a clock that is never set: no age grows faster. Default performance.now. */
  readonly uptime?: () => number;
  /** What the ages of records are reckoned with. Default `now`, but no faster than `uptime` since the log was opened. */
  readonly ageClock?: (() => number) | undefined;
  /** Told what recovery and upkeep did, one sentence each. */
  readonly report?: (message: string) => void;
  /** For the tests of the tests. */
  readonly sabotage?: Sabotage;
}

const MiB = 1024 * 1024;

/** A partition in a folder of segment files. Two logs must never be open on one folder: see FolderLock. */
export class FilePartitionLog implements PartitionLog {
  private readonly tail: TailCache;
  private readonly reader: LogReader;
  private readonly appender: Appender;
  private readonly listeners = new Set<() => void>();
  private nextSequence: number;
  private lastPosition: Position | undefined;
  private readonly checkpoints: Checkpoints;
  private readonly expiry: Expiry;
  private closed = false;

  /** @throws CorruptLogError the folder holds damaged records that were once acknowledged */
  static async open(options: FileLogOptions): Promise<FilePartitionLog> {
    const fs = options.fileSystem ?? new NodeFileSystem();
    const now = options.now ?? Date.now;
    const report = options.report ?? (() => undefined);
    await fs.makeFolder(options.folder);
    const recovered = await recover(fs, options.folder, report, options.sabotage);
    const segments = await Segments.open(fs, options.folder, recovered, now(), report);
    const { last, nextSequence } = recovered;
    const enqueuedTime = last?.enqueuedTime ?? segments.active.header.created;
    const next = { offset: segments.active.end, sequenceNumber: nextSequence, enqueuedTime };
    const log = new FilePartitionLog({ ...options, fileSystem: fs, now, report }, segments, recovered, next);
    await log.checkpoints.writeIfPossible();
    return log;
  }

  private constructor(
    options: FileLogOptions & Required<Pick<FileLogOptions, 'fileSystem' | 'now' | 'report'>>,
    private readonly segments: Segments,
    { last, lastBytes }: Recovered,
    next: Position,
  ) {
    const { folder, fileSystem: fs, now, report, sabotage, idleMs, busyMs, retention = {} } = options;
    const uptime = options.uptime ?? (() => performance.now());
    const segmentBytes = options.segmentBytes ?? 32 * MiB;
    const { tailCacheBytes = MiB, staging = new StagingMemory(tailCacheBytes) } = options;
    this.tail = new TailCache(tailCacheBytes);
    const blocks = options.blocks ?? new BlockCache(MiB / 2);
    this.reader = new LogReader(segments, this.tail, blocks, sabotage !== 'skip-checksum');
    this.nextSequence = next.sequenceNumber;
    this.lastPosition = last;
    this.appender = new Appender({
      staging,
      segments,
      sabotage,
      segmentBytes: Math.min(segmentBytes, (retention.bytes ?? Infinity) / SEGMENTS_KEPT),
      maxPendingBytes: options.maxPendingBytes ?? 16 * MiB,
      next,
      lastBytes,
      now,
      durable: (batch) => this.becameDurable(batch),
      idle: () => this.becameIdle(),
    });
    const { appender } = this;
    const begin = segments.first.header.baseOffset;
    const durableEnd = () => appender.durableEnd;
    this.checkpoints = new Checkpoints({ fs, folder, begin, idleMs, busyMs, durableEnd, uptime, report });
    const { checkpoints } = this;
    const clock = options.ageClock ?? steadyClock(now, uptime);
    this.expiry = new Expiry({ retention, segments, appender, checkpoints, sabotage, clock });
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

  async copyOut(cursor: number, limits: ReadLimits, take: TakeRecords): Promise<number> {
    this.assertOpen();
    return this.reader.copyOut(cursor, this.appender.durableEnd, limits, take);
  }

  onDurable(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  expire(): Promise<void> {
    return this.expiry.run();
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.expiry.stop();
    await this.appender.close();
    this.checkpoints.stop();
    if (this.failure === undefined) await this.checkpoints.writeIfPossible();
    await this.segments.close(this.failure === undefined);
  }

  private becameDurable(batch: Batch): void {
    if (batch.last === undefined) return; // it only ended a segment
    for (const position of batch.landmarks) this.segments.active.index?.offer(position);
    this.lastPosition = batch.last;
    this.nextSequence += batch.count;
    for (const piece of batch.pieces) this.tail.push(piece);
    this.checkpoints.busy();
    for (const listener of this.listeners) listener();
  }

  private becameIdle(): void {
    if (!this.closed && this.failure === undefined) this.checkpoints.idle();
  }

  private assertOpen(): void {
    if (this.closed) throw new LogClosedError();
  }
}
