import { BlockCache } from '../../src/file/block-cache.js';
import { FilePartitionLog, type FileLogOptions } from '../../src/file/file-partition-log.js';
import type { Sabotage } from '../../src/file/sabotage.js';
import { AppendRefusedError } from '../../src/errors.js';
import { RECORD_HEADER_BYTES } from '../../src/file/record-format.js';
import type { LogRecord, LogState, Payload, Position } from '../../src/partition-log.js';
import { isExpired, type Retention } from '../../src/retention.js';
import type { SimulatedDisk } from './simulated-disk.js';

/** One record somebody wanted to append. `open` and `unknown` may be there after a crash; `refused` may not. */
interface Entry {
  readonly content: string;
  outcome: 'open' | 'ok' | 'refused' | 'unknown';
  position?: Position;
}

const FOLDER = '/log';
/** Shared by all disks, as the engine shares it between partitions. */
const blocks = new BlockCache(1024 * 1024);

/** What was asked of a log, in order, and what it answered: the truth that a recovered log is held against. */
export class History {
  /** The furthest begin that was shown to anybody. */
  private begin: LogState['begin'] = { offset: 0, sequenceNumber: 0 };
  private now = 1_000;

  private constructor(
    private readonly entries: Entry[],
    private readonly retention: Retention,
  ) {}

  static empty(retention: Retention = {}): History {
    return new History([], retention);
  }

  /** As it stands now. */
  copy(): History {
    const entries = this.entries.map((entry) => ({ ...entry }));
    return Object.assign(new History(entries, this.retention), { begin: this.begin, now: this.now });
  }

  openLog(disk: SimulatedDisk, sabotage?: Sabotage): Promise<FilePartitionLog> {
    const options: FileLogOptions = {
      folder: FOLDER,
      fileSystem: disk,
      segmentBytes: 3_000,
      retention: this.retention,
      tailCacheBytes: 0,
      blocks,
      idleMs: 1e6,
      busyMs: 20,
      now: () => this.now,
      uptime: () => this.now,
      ...(sabotage && { sabotage }),
    };
    return FilePartitionLog.open(options);
  }

  pass(ms: number): void {
    this.now += ms;
  }

  /** Notes what a reader of the log could have seen. */
  see({ state }: FilePartitionLog): void {
    if (state.begin.offset > this.begin.offset) this.begin = state.begin;
  }

  /** Whether something that was acknowledged has been removed. */
  get hasExpired(): boolean {
    return this.begin.offset > 0;
  }

  get acknowledged(): number {
    return this.entries.filter(({ outcome }) => outcome === 'ok').length;
  }

  /** Appends records of these sizes together and notes the answer. */
  async append(log: FilePartitionLog, sizes: readonly number[]): Promise<void> {
    const entries = sizes.map((size, i): Entry => {
      const content = `${this.entries.length + i}:`.padEnd(size, '0123456789abcdef');
      return { content, outcome: 'open' };
    });
    this.entries.push(...entries);
    try {
      const positions = await log.append(entries.map(({ content }) => text(content)));
      entries.forEach((entry, i) => Object.assign(entry, { outcome: 'ok', position: positions[i] }));
    } catch (error) {
      const outcome = error instanceof AppendRefusedError ? 'refused' : 'unknown';
      for (const entry of entries) entry.outcome = outcome;
    }
  }

  /**
   * Opens what a crash left and compares: nothing acknowledged lost or moved, unless it has expired; nothing
   * there that was refused or never sent; order kept, no gap, no offset given twice, the begin never back.
   * Answers what is wrong, or undefined.
   */
  async verify(disk: SimulatedDisk, sabotage?: Sabotage): Promise<string | undefined> {
    try {
      const log = await this.openLog(disk, sabotage);
      const found = this.compare(await readAll(log), log.state);
      if (found === undefined) await this.append(log, [20]);
      await log.close();
      const last = this.entries.at(-1);
      if (found === undefined && last?.outcome !== 'ok') return 'a recovered log does not take a record';
      return found;
    } catch (error) {
      return `a log that cannot be read: ${String(error)}`;
    }
  }

  private compare(records: readonly LogRecord[], { begin, next, last }: LogState): string | undefined {
    if (begin.offset < this.begin.offset) return `the begin went back to ${begin.offset}`;
    const numbers = new Map(this.entries.map(({ content }, i) => [content, i]));
    let before = -1;
    for (const [i, { payload, sequenceNumber }] of records.entries()) {
      const number = numbers.get(payload.toString('latin1'));
      const entry = number === undefined ? undefined : this.entries[number];
      if (number === undefined || entry === undefined) return `phantom: record ${i} was never sent`;
      if (entry.outcome === 'refused') return `phantom: record ${i} was refused`;
      if (number <= before) return `record ${i} is out of order or there twice`;
      if (sequenceNumber !== begin.sequenceNumber + i) return `record ${i} has number ${sequenceNumber}`;
      before = number;
    }
    for (const { content, outcome, position } of this.entries) {
      if (outcome !== 'ok' || position === undefined) continue;
      const { sequenceNumber, offset, enqueuedTime: newestTime } = position;
      const record = records[sequenceNumber - begin.sequenceNumber];
      const bytesBehind = next.offset - offset - RECORD_HEADER_BYTES - content.length;
      const mayBeGone = isExpired(this.retention, { newestTime, bytesBehind }, this.now);
      if (offset < begin.offset && mayBeGone) continue;
      if (record?.payload.toString('latin1') !== content) {
        return `acknowledged record ${sequenceNumber} is lost, or its place was given away`;
      }
      if (record.offset !== offset) return `record ${sequenceNumber} has moved`;
    }
    if (next.sequenceNumber !== begin.sequenceNumber + records.length)
      return 'the end is not behind the last record';
    const lastNumber = last?.sequenceNumber ?? -1;
    return lastNumber === next.sequenceNumber - 1 ? undefined : `the last record is said to be ${lastNumber}`;
  }
}

async function readAll(log: FilePartitionLog): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (let cursor = 0; ;) {
    const read = await log.read(cursor, { maxBytes: 8_192, maxRecords: 1_000 });
    if (read.records.length === 0) return records;
    records.push(...read.records);
    cursor = read.next;
  }
}

const text = (content: string): Payload => ({
  maxBytes: content.length,
  write: (target, at) => at + target.write(content, at, 'latin1'),
});
