import { FilePartitionLog, type FileLogOptions } from '../file/file-partition-log.js';
import type { Sabotage } from '../file/sabotage.js';
import { AppendRefusedError } from '../errors.js';
import type { LogRecord, Payload, Position } from '../partition-log.js';
import type { SimulatedDisk } from './simulated-disk.js';

/** One record somebody wanted to append. `open` and `unknown` may be there after a crash; `refused` may not. */
interface Entry {
  readonly content: string;
  outcome: 'open' | 'ok' | 'refused' | 'unknown';
  position?: Position;
}

const FOLDER = '/log';

export const openLog = (disk: SimulatedDisk, sabotage?: Sabotage): Promise<FilePartitionLog> => {
  const options: FileLogOptions = {
    folder: FOLDER,
    fileSystem: disk,
    segmentBytes: 3_000,
    tailCacheBytes: 0,
    idleMs: 1e6,
    now: () => 1_000,
    ...(sabotage && { sabotage }),
  };
  return FilePartitionLog.open(options);
};

/** What was asked of a log, in order, and what it answered: the truth that a recovered log is held against. */
export class History {
  private constructor(private readonly entries: Entry[]) {}

  static empty(): History {
    return new History([]);
  }

  /** As it stands now. */
  copy(): History {
    return new History(this.entries.map((entry) => ({ ...entry })));
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
   * Opens what a crash left and compares: nothing acknowledged lost or moved, nothing there that was refused
   * or never sent, order kept, no offset given twice. Answers what is wrong, or undefined.
   */
  async verify(disk: SimulatedDisk, sabotage?: Sabotage): Promise<string | undefined> {
    try {
      const log = await openLog(disk, sabotage);
      const found = this.compare(await readAll(log), log.state.next);
      if (found === undefined) await this.append(log, [20]);
      await log.close();
      const last = this.entries.at(-1);
      if (found === undefined && last?.outcome !== 'ok') return 'a recovered log does not take a record';
      return found;
    } catch (error) {
      return `a log that cannot be read: ${String(error)}`;
    }
  }

  private compare(
    records: readonly LogRecord[],
    next: { offset: number; sequenceNumber: number },
  ): string | undefined {
    const numbers = new Map(this.entries.map(({ content }, i) => [content, i]));
    let before = -1;
    for (const [i, { payload, sequenceNumber }] of records.entries()) {
      const number = numbers.get(payload.toString('latin1'));
      const entry = number === undefined ? undefined : this.entries[number];
      if (number === undefined || entry === undefined) return `phantom: record ${i} was never sent`;
      if (entry.outcome === 'refused') return `phantom: record ${i} was refused`;
      if (number <= before) return `record ${i} is out of order or there twice`;
      if (sequenceNumber !== i) return `record ${i} has sequence number ${sequenceNumber}`;
      before = number;
    }
    for (const { content, outcome, position } of this.entries) {
      if (outcome !== 'ok' || position === undefined) continue;
      const record = records[position.sequenceNumber];
      if (record?.payload.toString('latin1') !== content) {
        return `acknowledged record ${position.sequenceNumber} is lost, or its place was given away`;
      }
      if (record.offset !== position.offset) return `record ${position.sequenceNumber} has moved`;
    }
    return next.sequenceNumber === records.length ? undefined : 'the end is not behind the last record';
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
