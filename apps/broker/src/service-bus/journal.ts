import { randomUUID } from 'node:crypto';
import { FilePartitionLog, type FileLogOptions, type Payload } from '@app/partition-log';
import type { Operation } from './operations.js';

/** What stands in the journal: an operation, and for a `put` the message's bytes. */
export interface Entry {
  readonly operation: Operation;
  readonly message?: Buffer;
}

/** Where the record of a message stands, and how long the message is. */
export interface Place {
  readonly offset: number;
  readonly bytes: number;
}

export type Apply = (operation: Operation, place: Place) => void;

const REPLAY = { maxBytes: 1024 * 1024, maxRecords: 4_096 };
const READ = { maxBytes: 128 * 1024, maxRecords: 256 };
const LENGTH_BYTES = 4;

/**
 * The journal of all queues and topics: one log, so that what belongs together shares a sync, and a message on its way from
 * one entity to another is in one of them. A record's payload is
 *
 *   u32 length | the operation as JSON, so many bytes | the message
 */
export class Journal {
  private batches = 0;
  private readonly batchName = randomUUID();

  private constructor(
    private readonly log: FilePartitionLog,
    private readonly keep: { from: number },
  ) {}

  /**
   * Opens the journal and replays what is in it.
   * @throws CorruptLogError
   */
  static async open(options: Omit<FileLogOptions, 'retention'>, apply: Apply): Promise<Journal> {
    const keep = { from: 0 };
    const log = await FilePartitionLog.open({ ...options, retention: { keepFrom: () => keep.from } });
    try {
      await replay(log, apply);
    } catch (error) {
      await log.close();
      throw error;
    }
    return new Journal(log, keep);
  }

  get failure(): Error | undefined {
    return this.log.failure;
  }

  /** Where the next record goes. */
  get end(): number {
    return this.log.state.next.offset;
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.end - this.log.state.begin.offset;
  }

  /**
   * Takes entries, next to each other, and answers their offsets once they are durable.
   * @throws LogFailedError, AppendRefusedError (nothing was kept), LogClosedError
   */
  async append(entries: readonly Entry[]): Promise<number[]> {
    const positions = await this.log.append(entries.map(payloadOf));
    return positions.map(({ offset }) => offset);
  }

  /** A name that no other batch has. */
  nextBatch(): string {
    return `${this.batchName}-${this.batches++}`;
  }

  /**
   * The bytes of messages, in the order given.
   * @throws CorruptLogError
   */
  async read(offsets: readonly number[]): Promise<Buffer[]> {
    const found = new Map<number, Buffer>();
    const wanted = new Set(offsets);
    for (const offset of offsets) {
      if (found.has(offset)) continue;
      const { records } = await this.log.read(
        offset,
        offsets.length === 1 ? { maxBytes: 1, maxRecords: 1 } : READ,
      );
      for (const record of records)
        if (wanted.has(record.offset)) found.set(record.offset, messageIn(record.payload));
      if (!found.has(offset)) throw new Error(`no record at offset ${offset} of the journal`);
    }
    return offsets.map((offset) => found.get(offset) as Buffer);
  }

  /** Everything before an offset is not needed any more: whole segments of it go. */
  async drop(before: number): Promise<void> {
    this.keep.from = before;
    await this.log.expire();
  }

  close(): Promise<void> {
    return this.log.close();
  }
}

function payloadOf({ operation, message }: Entry): Payload {
  const head = Buffer.from(JSON.stringify(operation));
  return {
    maxBytes: LENGTH_BYTES + head.length + (message?.length ?? 0),
    write(target, start) {
      let at = target.writeUInt32BE(head.length, start);
      at += head.copy(target, at);
      return message === undefined ? at : at + message.copy(target, at);
    },
  };
}

const messageIn = (payload: Buffer): Buffer => payload.subarray(LENGTH_BYTES + payload.readUInt32BE(0));

/** A batch whose end a crash has cut off was never acknowledged: nothing of it is applied, whatever follows it. */
async function replay(log: FilePartitionLog, apply: Apply): Promise<void> {
  let held: { operation: Operation; place: Place }[] = [];
  let cursor = await log.locate({ kind: 'earliest' });
  while (cursor < log.state.next.offset) {
    const { records, next } = await log.read(cursor, REPLAY);
    for (const { offset, payload } of records) {
      const headEnd = LENGTH_BYTES + payload.readUInt32BE(0);
      const operation = JSON.parse(payload.toString('utf8', LENGTH_BYTES, headEnd)) as Operation;
      const place = { offset, bytes: payload.length - headEnd };
      const batch = operation.op === 'put' ? operation.b : undefined;
      if (held.length > 0 && !follows(held.at(-1)?.operation, batch)) held = [];
      held.push({ operation, place });
      if (batch !== undefined && batch[1] > 0) continue;
      for (const one of held) apply(one.operation, one.place);
      held = [];
    }
    cursor = next;
  }
}

function follows(before: Operation | undefined, batch: readonly [string, number] | undefined): boolean {
  if (before?.op !== 'put' || before.b === undefined || batch === undefined) return false;
  return before.b[0] === batch[0] && before.b[1] === batch[1] + 1;
}
