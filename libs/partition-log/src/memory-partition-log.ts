import { LogClosedError } from './errors.js';
import type {
  LogRecord,
  LogState,
  PartitionLog,
  Payload,
  Position,
  ReadLimits,
  ReadResult,
  StartPosition,
  TakeRecords,
} from './partition-log.js';
import { RECORD_HEADER_BYTES } from './file/record-format.js';
import { isExpired, type Retention } from './retention.js';

/** A partition that lives as long as the process: for specs, and the meaning of the interface in brief. */
export class MemoryPartitionLog implements PartitionLog {
  readonly pendingBytes = 0;
  readonly failure = undefined;
  private records: LogRecord[] = [];
  private last: Position | undefined;
  private readonly listeners = new Set<() => void>();
  private end = 0;
  private nextSequence = 0;
  private closed = false;

  constructor(
    private readonly now: () => number = Date.now,
    private readonly retention: Retention = {},
  ) {}

  get state(): LogState {
    const next = { offset: this.end, sequenceNumber: this.nextSequence };
    const { offset, sequenceNumber } = this.records[0] ?? next;
    return { begin: { offset, sequenceNumber }, next, last: this.last };
  }

  async append(payloads: readonly Payload[]): Promise<Position[]> {
    this.assertOpen();
    const appended = payloads.map((payload) => this.add(payload));
    if (appended.length > 0) for (const listener of this.listeners) listener();
    return appended;
  }

  async locate(start: StartPosition): Promise<number> {
    this.assertOpen();
    if (start.kind === 'earliest') return this.state.begin.offset;
    if (start.kind === 'latest') return this.end;
    const { kind, value, inclusive } = start;
    const found = this.records.find((r) => (inclusive ? r[kind] >= value : r[kind] > value));
    return found?.offset ?? this.end;
  }

  async read(cursor: number, limits: ReadLimits): Promise<ReadResult> {
    this.assertOpen();
    const records: LogRecord[] = [];
    let bytes = 0;
    for (const record of this.records) {
      if (record.offset < cursor) continue;
      bytes += RECORD_HEADER_BYTES + record.payload.length;
      if (records.length >= limits.maxRecords || (records.length > 0 && bytes > limits.maxBytes)) {
        return { records, next: record.offset };
      }
      records.push(record);
    }
    return { records, next: this.end };
  }

  async copyOut(cursor: number, limits: ReadLimits, take: TakeRecords): Promise<number> {
    const { records, next } = await this.read(cursor, limits);
    if (records.length === 0) return next;
    const ends: number[] = [];
    for (const { payload } of records) ends.push((ends.at(-1) ?? 0) + RECORD_HEADER_BYTES + payload.length);
    const copyTo = (target: Buffer) => {
      for (const [i, { payload }] of records.entries())
        payload.copy(target, (ends[i] as number) - payload.length);
    };
    return take({ ends, copyTo }) ? next : cursor;
  }

  onDurable(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async expire(): Promise<void> {
    const stays = ({ offset, enqueuedTime, payload }: LogRecord) => {
      const bytesBehind = this.end - offset - RECORD_HEADER_BYTES - payload.length;
      return !isExpired(this.retention, { newestTime: enqueuedTime, bytesBehind }, this.now());
    };
    const first = this.records.findIndex(stays);
    this.records = first === -1 ? [] : this.records.slice(first);
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  private add(payload: Payload): Position {
    const enqueuedTime = Math.max(this.now(), this.last?.enqueuedTime ?? 0);
    const position = { offset: this.end, sequenceNumber: this.nextSequence++, enqueuedTime };
    const buffer = Buffer.alloc(payload.maxBytes);
    const record = { ...position, payload: buffer.subarray(0, payload.write(buffer, 0, position)) };
    this.records.push(record);
    this.last = position;
    this.end += RECORD_HEADER_BYTES + record.payload.length;
    return position;
  }

  private assertOpen(): void {
    if (this.closed) throw new LogClosedError();
  }
}
