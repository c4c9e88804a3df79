import { randomInt } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { AppendRefusedError, type FileSystem, type PartitionLog } from '@app/partition-log';
import { writeSnapshot } from './producers-file.js';
import { recoverProducers, type ProducerMarkOf } from './producers-recovery.js';
import { Producers, type OpenProducer, type ProducerClaim, type ProducerRefused } from './producers.js';

/** The log may grow by so much before the file is written anew: what a start reads again at most. */
const SNAPSHOT_BYTES = 16 * 1024 * 1024;
/** And it is written this long after a producer's first event that it does not know. */
const SNAPSHOT_MS = 30_000;
/** Ids are drawn, not counted: one that was given out before a crash and never used is not given twice. */
const MAX_ID = 2 ** 47;

export interface ProducersStoreOptions {
  /** Beside the partition's folder; not there until an idempotent producer comes. */
  readonly file: string;
  readonly fileSystem: FileSystem;
  readonly log: PartitionLog;
  readonly maxProducers: number;
  readonly markOf: ProducerMarkOf;
  readonly report: (message: string) => void;
  /** Default 16 MiB. */
  readonly snapshotBytes?: number;
}

/**
 * The idempotent producers of a partition, as durable as its events: each event carries its producer's id,
 * epoch and number, so what is known after a crash is a file and the events behind the offset it names.
 */
export class ProducersStore {
  private readonly stopListening: () => void;
  private timer: NodeJS.Timeout | undefined;
  /** Set once the file is there, or on its way. */
  private marked: Promise<void> | undefined;
  /** One write of the file after the other. */
  private writing: Promise<void> = Promise.resolve();
  private queued = false;
  private changed = false;

  private constructor(
    private readonly options: ProducersStoreOptions,
    private readonly producers: Producers,
    private upTo: number,
    used: boolean,
  ) {
    if (used) this.marked = Promise.resolve();
    this.stopListening = options.log.onDurable(() => this.grown());
  }

  /** @throws CorruptLogError */
  static async open(options: ProducersStoreOptions): Promise<ProducersStore> {
    const { file, log, maxProducers, markOf, report } = options;
    const producers = new Producers(maxProducers, () => randomInt(1, MAX_ID));
    const { used, upTo } = await recoverProducers(file, log, producers, markOf, report);
    return new ProducersStore(options, producers, upTo, used);
  }

  /** @throws ProducerRefused */
  open(claim: ProducerClaim, stolen: (error: ProducerRefused) => void): OpenProducer {
    return this.producers.open(claim, stolen);
  }

  /**
   * `OpenProducer.append`, on a partition that knows from now on that it has such producers.
   * @throws ProducerRefused; what the log throws
   */
  async append(
    producer: OpenProducer,
    first: number,
    count: number,
    store: (leaveOut: number) => Promise<unknown>,
  ): Promise<void> {
    await (this.marked ??= this.mark());
    await producer.append(first, count, store);
    this.changed = true;
    this.timer ??= setTimeout(() => void this.snapshot(), SNAPSHOT_MS).unref();
  }

  /** Before the log is closed. */
  async close(): Promise<void> {
    this.stopListening();
    clearTimeout(this.timer);
    await this.writing;
    if (this.changed) await this.snapshot();
  }

  /** From here on a start looks for producers in this partition. */
  private async mark(): Promise<void> {
    try {
      await this.write();
    } catch (cause) {
      this.marked = undefined;
      throw new AppendRefusedError(`${this.options.file} not written (${String(cause)})`, { cause });
    }
  }

  private grown(): void {
    const behind = this.options.log.state.next.offset - this.upTo;
    if (this.marked === undefined || this.queued || behind < (this.options.snapshotBytes ?? SNAPSHOT_BYTES))
      return;
    this.queued = true;
    void this.snapshot();
  }

  /** Without it a start reads more events, and finds the same. */
  private async snapshot(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.changed = false;
    try {
      await this.write();
    } catch (error) {
      this.changed = true;
      this.options.report(`${this.options.file} not written (${String(error)})`);
    } finally {
      this.queued = false;
    }
  }

  private write(): Promise<void> {
    const written = this.writing.then(() => this.replace());
    this.writing = written.catch(() => undefined); // whoever asked for it hears of it
    return written;
  }

  private async replace(): Promise<void> {
    const upTo = this.options.log.state.next.offset;
    await setImmediate(); // until every sender of an event below `upTo` has been told
    const { file, fileSystem } = this.options;
    await writeSnapshot(fileSystem, file, { upTo, producers: this.producers.all });
    this.upTo = upTo;
  }
}
