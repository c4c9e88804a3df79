import type { Payload, Position } from '@app/partition-log';
import { checkValue, contentOf, isEncodedAs } from './wire/values.js';
import { DELIVERY_ANNOTATIONS, HEADER, MESSAGE_ANNOTATIONS, type MessageLayout } from './wire/messages.js';

/*
 * What Event Hubs adds to an event. An event is stored as it will be delivered: the client's own bytes with
 * these annotations in place, so that nothing is decoded and encoded again between producer and consumer.
 */
const symbol = (text: string): Buffer => Buffer.concat([Buffer.from([0xa3, text.length]), Buffer.from(text)]);

const SEQUENCE_NUMBER = symbol('x-opt-sequence-number');
const OFFSET = symbol('x-opt-offset');
const ENQUEUED_TIME = symbol('x-opt-enqueued-time');
const PARTITION_KEY = symbol('x-opt-partition-key');
const stamped = new Set([
  'x-opt-sequence-number',
  'x-opt-offset',
  'x-opt-enqueued-time',
  'x-opt-partition-key',
]);

const LONG = 0x81;
const TIMESTAMP = 0x83;
const WORD = 2 ** 32;

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
  private readonly kept: Buffer[] = [];
  private keptCount = 0;

  constructor(
    private readonly message: Buffer,
    private readonly layout: MessageLayout,
    partitionKey: string | undefined,
  ) {
    this.key = partitionKey === undefined ? undefined : Buffer.from(partitionKey, 'utf8');
    if (layout.annotations !== undefined) {
      eachEntry(message, layout.annotations, (name, _valueAt, from, end) => {
        if (stamped.has(name)) return; // only the engine says where an event stands
        this.kept.push(message.subarray(from, end));
        this.keptCount += 2;
      });
    }
    this.maxBytes = message.length + STAMP_BYTES + (this.key === undefined ? 0 : this.key.length + 5);
  }

  write(target: Buffer, start: number, position: Position): number {
    const { message, layout, key } = this;
    let at = start + message.copy(target, start, 0, layout.headerEnd);
    const mapAt = at;
    at = openMap(target, at, MESSAGE_ANNOTATIONS);
    for (const piece of this.kept) at += piece.copy(target, at);
    at = writeLong(target, at, SEQUENCE_NUMBER, LONG, position.sequenceNumber);
    at += OFFSET.copy(target, at);
    at = writeString(target, at, Buffer.from(String(position.offset), 'latin1'));
    at = writeLong(target, at, ENQUEUED_TIME, TIMESTAMP, position.enqueuedTime);
    if (key !== undefined) at = writeString(target, at + PARTITION_KEY.copy(target, at), key);
    closeMap(target, mapAt, at, this.keptCount + (key === undefined ? 6 : 8));
    return at + message.copy(target, at, layout.restAt);
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
function eachEntry(
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
  let at = start + name.copy(target, start);
  target[at++] = type;
  target.writeInt32BE(Math.floor(value / WORD), at);
  target.writeUInt32BE(value >>> 0, at + 4);
  return at + 8;
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
