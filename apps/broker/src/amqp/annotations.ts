import type { Payload, Position } from '@app/partition-log';
import { checkValue, contentOf, isEncodedAs } from './wire/values.js';
import { DELIVERY_ANNOTATIONS, HEADER, MESSAGE_ANNOTATIONS, type MessageLayout } from './wire/messages.js';

/*
 * What Event Hubs adds to an event. An event is stored as it will be delivered: the client's own bytes with
 * these annotations in place, so that nothing is decoded and encoded again between producer and consumer.
 */
const symbol = (text: string): Buffer => Buffer.concat([Buffer.from([0xa3, text.length]), Buffer.from(text)]);

const LONG = 0x81;
const TIMESTAMP = 0x83;
const STR8 = 0xa1;
const WORD = 2 ** 32;

const PARTITION_KEY = symbol('x-opt-partition-key');
/** Only the engine says where an event stands. */
const stamped = new Set([
  'x-opt-sequence-number',
  'x-opt-offset',
  'x-opt-enqueued-time',
  'x-opt-partition-key',
]);
/** Only a link that was opened as an idempotent producer's may say these: the engine believes them at a restart. */
const producers = new Set([
  'com.microsoft:producer-id',
  'com.microsoft:producer-epoch',
  'com.microsoft:producer-sequence-number',
]);

/*
 * The annotations every event has, in one piece: a map32 (§1.6.23) of sequence number, enqueued time and
 * offset. The numbers are filled in, the offset's digits follow, then the partition key and what the client
 * has set itself.
 */
const HEAD = Buffer.concat([
  Buffer.from([0x00, 0x53, MESSAGE_ANNOTATIONS, 0xd1, 0, 0, 0, 0, 0, 0, 0, 0]),
  symbol('x-opt-sequence-number'),
  Buffer.from([LONG, 0, 0, 0, 0, 0, 0, 0, 0]),
  symbol('x-opt-enqueued-time'),
  Buffer.from([TIMESTAMP, 0, 0, 0, 0, 0, 0, 0, 0]),
  symbol('x-opt-offset'),
  Buffer.from([STR8, 0]),
]);
const SEQUENCE_NUMBER_AT = 12 + symbol('x-opt-sequence-number').length + 1;
const ENQUEUED_TIME_AT = SEQUENCE_NUMBER_AT + 8 + symbol('x-opt-enqueued-time').length + 1;

/** Bytes the stamp takes at most, besides the partition key: map header, names, values. */
const STAMP_BYTES = 160;

type Entries = NonNullable<MessageLayout['annotations']>;

/** The partition key among a message's annotations, as text; a key must be a string. */
export function partitionKeyIn(buffer: Buffer, entries: Entries | undefined): string | undefined {
  if (entries === undefined) return undefined;
  let key: string | undefined;
  eachEntry(buffer, entries, (name, valueAt) => {
    if (name === 'x-opt-partition-key' && isEncodedAs(buffer[valueAt] as number, 'string')) {
      key = contentOf(buffer, valueAt).toString('utf8');
    }
  });
  return key;
}

/** An event on its way into a partition, to be stamped with its place there. */
export class StampedEvent implements Payload {
  readonly maxBytes: number;
  private readonly key: Buffer | undefined;
  /** The client's own annotations that stay, as pieces of the message. */
  private kept: Buffer[] | undefined;

  constructor(
    /** What holds the event, where `layout` says. */
    private readonly message: Buffer,
    private readonly layout: MessageLayout,
    partitionKey: string | undefined,
    /** Whether the marks of an idempotent producer stay. */
    keepProducer = false,
  ) {
    this.key = partitionKey === undefined ? undefined : Buffer.from(partitionKey, 'utf8');
    if (layout.annotations !== undefined) this.keep(layout.annotations, keepProducer);
    this.maxBytes =
      layout.to - layout.from + STAMP_BYTES + (this.key === undefined ? 0 : this.key.length + 5);
  }

  write(target: Buffer, start: number, position: Position): number {
    const { message, key, kept } = this;
    const { from, headerEnd, restAt, to } = this.layout;
    const mapAt = headerEnd === from ? start : start + message.copy(target, start, from, headerEnd);
    target.set(HEAD, mapAt);
    writeI64(target, mapAt + SEQUENCE_NUMBER_AT, position.sequenceNumber);
    writeI64(target, mapAt + ENQUEUED_TIME_AT, position.enqueuedTime);
    let at = mapAt + HEAD.length;
    at += target[at - 1] = writeDigits(target, at, position.offset);
    let count = 6;
    if (key !== undefined) {
      at = writeString(target, at + PARTITION_KEY.copy(target, at), key);
      count += 2;
    }
    if (kept !== undefined) {
      for (const piece of kept) at += piece.copy(target, at);
      count += 2 * kept.length;
    }
    closeMap(target, mapAt, at, count);
    return at + message.copy(target, at, restAt, to);
  }

  private keep(entries: Entries, keepProducer: boolean): void {
    eachEntry(this.message, entries, (name, _valueAt, from, end) => {
      if (stamped.has(name) || (!keepProducer && producers.has(name))) return;
      (this.kept ??= []).push(this.message.subarray(from, end));
    });
  }
}

/** What `com.microsoft:enable-receiver-runtime-metric` asks for: the end of the partition, with each event. */
export function withRuntimeMetrics(event: Buffer, last: Position, now: number): Buffer {
  const headerEnd = event[2] === HEADER && event[1] === 0x53 ? checkValue(event, 0, event.length) : 0;
  const section = Buffer.allocUnsafe(256);
  let at = openMap(section, 0, DELIVERY_ANNOTATIONS);
  at = writeLong(section, at, symbol('last_enqueued_sequence_number'), LONG, last.sequenceNumber);
  at += symbol('last_enqueued_offset').copy(section, at);
  at = writeString(section, at, Buffer.from(String(last.offset), 'latin1'));
  at = writeLong(section, at, symbol('last_enqueued_time_utc'), TIMESTAMP, last.enqueuedTime);
  at = writeLong(section, at, symbol('runtime_info_retrieval_time_utc'), TIMESTAMP, now);
  closeMap(section, 0, at, 8);
  return Buffer.concat([event.subarray(0, headerEnd), section.subarray(0, at), event.subarray(headerEnd)]);
}

/** Calls back for each entry of a checked map whose key is a symbol or a string. */
export function eachEntry(
  buffer: Buffer,
  { from, end, count }: Entries,
  visit: (name: string, valueAt: number, entryAt: number, entryEnd: number) => void,
): void {
  let at = from;
  for (let i = 0; i < count; i += 2) {
    const valueAt = checkValue(buffer, at, end);
    const entryEnd = checkValue(buffer, valueAt, end);
    const code = buffer[at] as number;
    const named = code === 0xa3 || code === 0xb3 || isEncodedAs(code, 'string');
    visit(named ? contentOf(buffer, at).toString('latin1') : '', valueAt, at, entryEnd);
    at = entryEnd;
  }
}

/** A described map32 (§1.6.23) whose size and count are filled in by `closeMap`. */
function openMap(target: Buffer, at: number, section: number): number {
  target.writeUInt32BE(0x0053_00d1 | (section << 8), at);
  return at + 12;
}

function closeMap(target: Buffer, mapAt: number, end: number, count: number): void {
  target.writeUInt32BE(end - mapAt - 8, mapAt + 4);
  target.writeUInt32BE(count, mapAt + 8);
}

function writeLong(target: Buffer, start: number, name: Buffer, type: number, value: number): number {
  const at = start + name.copy(target, start);
  target[at] = type;
  writeI64(target, at + 1, value);
  return at + 9;
}

/** A safe integer as 64 bits, big-endian. */
function writeI64(target: Buffer, at: number, value: number): void {
  target.writeInt32BE(Math.floor(value / WORD), at);
  target.writeUInt32BE(value >>> 0, at + 4);
}

/** A safe integer from 0 on in decimal digits; answers how many. */
function writeDigits(target: Buffer, at: number, value: number): number {
  let count = 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) count++;
  let rest = value;
  for (let i = count - 1; i >= 0; i--) {
    const tens = Math.floor(rest / 10);
    target[at + i] = 0x30 + rest - tens * 10;
    rest = tens;
  }
  return count;
}

function writeString(target: Buffer, start: number, text: Buffer): number {
  let at = start;
  if (text.length < 256) {
    target[at++] = 0xa1;
    target[at++] = text.length;
  } else {
    target[at++] = 0xb1;
    at = target.writeUInt32BE(text.length, at);
  }
  return at + text.copy(target, at);
}
