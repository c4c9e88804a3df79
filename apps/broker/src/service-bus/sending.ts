import { assertRoom } from './changes.js';
import type { Destination } from './entities.js';
import { badRequest, entityFull, ServiceBusError } from './errors.js';
import type { FilterableMessage } from './filters/filter.js';
import { matches } from './filters/rules.js';
import type { MessageQueue } from './message-queue.js';
import type { Operation, Placed } from './operations.js';
import type { Bus } from './bus.js';

/** A message as it arrives. */
export interface NewMessage {
  /** As it will be kept: with a message id. */
  readonly bytes: Buffer;
  readonly id: string;
  readonly session: string | undefined;
  /** Milliseconds; undefined = the entity's. */
  readonly ttlMs: number | undefined;
  /** Milliseconds since 1970. */
  readonly scheduledFor: number | undefined;
  /** What filters look at; asked for by topics only. */
  filterable(): FilterableMessage;
}

/**
 * Takes messages for a queue or topic, all or none, and settles once they are durable. An id that is a duplicate is taken and
 * goes no further.
 * @returns the sequence numbers, in a queue
 * @throws ServiceBusError no room, no session; LogError
 */
export async function send(bus: Bus, to: Destination, messages: readonly NewMessage[]): Promise<number[]> {
  const { clock, journal } = bus;
  const now = clock.now();
  const entries: { operation: Operation; message: Buffer }[] = [];
  const sequences: number[] = [];
  const arriving = new Map<MessageQueue, { bytes: number; count: number }>();
  const earlier: Promise<unknown>[] = [];
  const ids: [string, number][] = [];
  const places = messages.map((message) => {
    if (isDuplicate(to, message, now, earlier, ids)) return [];
    const queues = queuesFor(bus, to, message);
    for (const queue of queues) reserve(bus, queue, message, arriving);
    return queues;
  });
  if (to.duplicates?.isFull === true) throw entityFull(`the ids that '${to.id}' remembers`);
  messages.forEach((message, i) => {
    const queues = places[i] as MessageQueue[];
    const remembered = ids.find(([id]) => id === message.id);
    if (queues.length === 0 && remembered === undefined) return;
    const placed = queues.map((queue) => place(queue, to, message, now));
    sequences.push(placed[0]?.s ?? 0);
    const id = remembered && ([to.id, remembered[0], remembered[1]] as const);
    entries.push({ operation: { op: 'put', to: placed, ...(id && { id }) }, message: message.bytes });
  });
  if (entries.length > 1) numberAll(entries, journal.nextBatch());
  const arrive = (sign: 1 | -1) => {
    for (const [queue, { bytes, count }] of arriving) {
      queue.arriving.bytes += sign * bytes;
      queue.arriving.count += sign * count;
    }
  };
  arrive(1);
  const stored = entries.length === 0 ? Promise.resolve() : bus.commit(entries);
  for (const [id, until] of ids) to.duplicates?.add(id, until, stored);
  try {
    await Promise.all([stored, ...earlier]);
  } finally {
    arrive(-1);
  }
  return sequences;
}

/** Says of each how many of the batch follow it. */
function numberAll(entries: { operation: Operation }[], batch: string): void {
  entries.forEach((entry, i) => {
    if (entry.operation.op === 'put')
      entry.operation = Object.assign(entry.operation, { b: [batch, entries.length - 1 - i] });
  });
}

/** Whether an id was seen before, or stands twice among these; else it is noted. */
function isDuplicate(
  { duplicates }: Destination,
  { id }: NewMessage,
  now: number,
  earlier: Promise<unknown>[],
  ids: [string, number][],
): boolean {
  if (duplicates === undefined) return false;
  const stored = duplicates.find(id, now);
  if (stored !== undefined) earlier.push(stored);
  if (stored !== undefined || ids.some(([other]) => other === id)) return true;
  ids.push([id, now + duplicates.windowMs]);
  return false;
}

/** The queues and subscriptions that get a message, forwarding followed. */
function queuesFor(bus: Bus, to: Destination, message: NewMessage, hops = 0): MessageQueue[] {
  if (hops > 4)
    throw new ServiceBusError('amqp:not-allowed', `'${to.name}' forwards more than four times`, 400);
  const { destinations } = bus.entities;
  const onwards = (name: string) =>
    queuesFor(bus, destinations.get(name.toLowerCase()) as Destination, message, hops + 1);
  if (to.forwardTo !== undefined) return onwards(to.forwardTo);
  if (to.queue !== undefined) return [to.queue];
  const filterable = message.filterable();
  return to.subscriptions
    .filter(({ rules }) => rules.some((rule) => matches(rule, filterable)))
    .flatMap(({ queue, forwardTo }) => (forwardTo === undefined ? [queue] : onwards(forwardTo)));
}

function reserve(
  bus: Bus,
  queue: MessageQueue,
  { bytes, session }: NewMessage,
  arriving: Map<MessageQueue, { bytes: number; count: number }>,
): void {
  if (queue.settings.requiresSession && session === undefined) {
    const what = `The SessionId was not set on a message, and it cannot be sent to the entity '${queue.id}'. Entities that have session support enabled can only receive messages that have the SessionId set to a valid value.`;
    throw new ServiceBusError('amqp:not-allowed', what, 400);
  }
  if (session !== undefined && session.length > 128)
    throw badRequest('a SessionId has at most 128 characters');
  const sum = arriving.get(queue) ?? { bytes: 0, count: 0 };
  arriving.set(queue, sum);
  sum.bytes += bytes.length;
  sum.count++;
  assertRoom(bus, queue, sum.bytes);
}

function place(queue: MessageQueue, to: Destination, message: NewMessage, now: number): Placed {
  const { session, ttlMs = Infinity } = message;
  const scheduledFor = (message.scheduledFor ?? 0) > now ? message.scheduledFor : undefined;
  const expiresAt = (scheduledFor ?? now) + Math.min(ttlMs, to.ttlMs, queue.settings.ttlMs);
  return {
    e: queue.id,
    s: queue.nextSequence++,
    t: now,
    ...(Number.isFinite(expiresAt) && { x: expiresAt }),
    ...(scheduledFor !== undefined && { v: scheduledFor }),
    ...(session !== undefined && { g: session }),
  };
}
