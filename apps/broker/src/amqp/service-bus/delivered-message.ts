import { eachEntry } from '../annotations.js';
import type { QueuedMessage } from '../../service-bus/queued-message.js';
import { int, long, NULL, primitive, string, symbol, timestamp, uint, uuid } from './encode.js';
import { uuidOf } from './lock-tokens.js';
import { listSection, mapSection, piecesOf, sectionsOf, type Elements } from './sections.js';

/** Only the engine says these. */
const own = new Set([
  'x-opt-sequence-number',
  'x-opt-enqueued-time',
  'x-opt-enqueue-sequence-number',
  'x-opt-locked-until',
  'x-opt-message-state',
  'x-opt-deadletter-source',
]);
const names = Object.fromEntries([...own].map((name) => [name, symbol(name)])) as Record<string, Buffer>;
const state = { active: int(0), deferred: int(1), scheduled: int(2) };
const LOCK_TOKEN = symbol('x-opt-lock-token');
const NOTHING = Buffer.alloc(0);
const TRUE = Buffer.from([0x41]);
const FALSE = Buffer.from([0x42]);
const MAX_UINT = 2 ** 32 - 1;

/**
 * A message as a receiver gets it: the bytes that were sent, with what Service Bus says of it in the header and the
 * annotations, and what settlements have added to its application properties.
 * @param lockedUntil milliseconds since 1970; undefined where it is not locked
 * @param lockToken where no delivery's tag tells it
 */
export function deliveredMessage(
  sent: Buffer,
  message: QueuedMessage,
  lockedUntil: number | undefined,
  lockToken?: string,
): Buffer {
  const sections = sectionsOf(sent);
  const { properties, applicationProperties, propertiesAt, applicationPropertiesAt, bodyAt } = sections;
  return Buffer.concat([
    headerOf(sent, sections.header, message),
    lockToken === undefined
      ? NOTHING
      : mapSection('deliveryAnnotations', [LOCK_TOKEN, uuid(uuidOf(lockToken))]),
    annotationsOf(sent, sections.annotations, message, lockedUntil),
    properties === undefined ? NOTHING : sent.subarray(propertiesAt, applicationPropertiesAt),
    applicationPropertiesOf(sent, applicationProperties, applicationPropertiesAt, bodyAt, message),
    sent.subarray(bodyAt),
  ]);
}

/** §3.2.1: durable, priority, ttl, first-acquirer, delivery-count. */
function headerOf(sent: Buffer, header: Elements | undefined, message: QueuedMessage): Buffer {
  const [, priority = NULL] = piecesOf(sent, header);
  const ttl = message.expiresAt - message.enqueuedAt;
  const fields = [
    TRUE,
    priority,
    ttl >= 0 && ttl <= MAX_UINT ? uint(ttl) : NULL,
    FALSE,
    uint(message.deliveries),
  ];
  return listSection('header', fields);
}

function annotationsOf(
  sent: Buffer,
  given: Elements | undefined,
  message: QueuedMessage,
  lockedUntil: number | undefined,
): Buffer {
  const { sequence, enqueuedAt, deferred, scheduledFor, deadLetter } = message;
  const pieces: Buffer[] = [];
  const say = (name: string, value: Buffer) => pieces.push(names[name] as Buffer, value);
  say('x-opt-sequence-number', long(sequence));
  say('x-opt-enqueue-sequence-number', long(sequence));
  say('x-opt-enqueued-time', timestamp(enqueuedAt));
  say(
    'x-opt-message-state',
    scheduledFor !== undefined ? state.scheduled : deferred ? state.deferred : state.active,
  );
  if (lockedUntil !== undefined) say('x-opt-locked-until', timestamp(lockedUntil));
  if (deadLetter !== undefined) say('x-opt-deadletter-source', string(deadLetter[2]));
  let count = pieces.length;
  if (given !== undefined) {
    eachEntry(sent, given, (name, _valueAt, from, end) => {
      if (own.has(name)) return;
      pieces.push(sent.subarray(from, end));
      count += 2;
    });
  }
  return mapSection('annotations', pieces, count);
}

function applicationPropertiesOf(
  sent: Buffer,
  given: Elements | undefined,
  from: number,
  to: number,
  { deadLetter, changed }: QueuedMessage,
): Buffer {
  if (deadLetter === undefined && changed === undefined) return sent.subarray(from, to);
  const added = { ...changed, ...(deadLetter && reasonsIn(deadLetter)) };
  const pieces = Object.entries(added).flatMap(([name, value]) => [string(name), primitive(value)]);
  let count = pieces.length;
  if (given !== undefined) {
    eachEntry(sent, given, (name, _valueAt, entryAt, end) => {
      if (Object.hasOwn(added, Buffer.from(name, 'latin1').toString('utf8'))) return;
      pieces.push(sent.subarray(entryAt, end));
      count += 2;
    });
  }
  return mapSection('applicationProperties', pieces, count);
}

const reasonsIn = ([reason, description]: readonly [string, string, string]) => ({
  ...(reason !== '' && { DeadLetterReason: reason }),
  ...(description !== '' && { DeadLetterErrorDescription: description }),
});
