import { randomUUID } from 'node:crypto';
import { deadLetter, defer, giveBack, remove } from './changes.js';
import { lockLost, messageNotFound, sessionLockLost } from './errors.js';
import type { MessageQueue } from './message-queue.js';
import type { ChangedProperties } from './operations.js';
import type { QueuedMessage } from './queued-message.js';
import type { Bus } from './bus.js';
import type { Session, SessionHolder } from './sessions.js';

export interface Received {
  readonly message: QueuedMessage;
  /** As they were sent. */
  readonly bytes: Buffer;
}

/** A session and who holds it; undefined where there is none. */
export type Held = { readonly session: Session; readonly holder: SessionHolder } | undefined;

const isHeld = (held: Held, now: number): boolean =>
  held === undefined || (held.session.holder === held.holder && held.session.lockedUntil > now);

/**
 * Locks the first ready messages, durably, and answers them; none where there are none.
 * @throws LogError, CorruptLogError
 */
export async function receiveLocked(
  bus: Bus,
  queue: MessageQueue,
  most: number,
  mostBytes: number,
  held?: Held,
): Promise<Received[]> {
  if (!isHeld(held, bus.clock.now())) return [];
  return lock(bus, queue, queue.take(most, mostBytes, bus.clock.now(), held?.session), held);
}

/** The same for messages that were deferred, by their numbers. @throws ServiceBusError one is not there */
export async function receiveDeferred(
  bus: Bus,
  queue: MessageQueue,
  sequences: readonly number[],
  held?: Held,
): Promise<Received[]> {
  const messages = deferredBy(queue, sequences);
  for (const message of messages) message.busy = true;
  return lock(bus, queue, messages, held);
}

/** The same, and they are gone. @throws ServiceBusError one is not there */
export async function receiveAndDeleteDeferred(
  bus: Bus,
  queue: MessageQueue,
  sequences: readonly number[],
): Promise<Received[]> {
  const messages = deferredBy(queue, sequences);
  const bodies = await bus.journal.read(messages.map(({ offset }) => offset));
  await remove(bus, queue, messages);
  return messages.map((message, i) => ({ message, bytes: bodies[i] as Buffer }));
}

function deferredBy(queue: MessageQueue, sequences: readonly number[]): QueuedMessage[] {
  return [...new Set(sequences)].map((sequence) => {
    const message = queue.messages.get(sequence);
    if (message?.deferred === true && message.lock === undefined && !message.busy) return message;
    throw messageNotFound(
      `Failed to lock one or more specified messages. There is no deferred message ${sequence}.`,
    );
  });
}

async function lock(
  bus: Bus,
  queue: MessageQueue,
  messages: QueuedMessage[],
  held: Held,
): Promise<Received[]> {
  if (messages.length === 0) return [];
  const m = messages.map(({ sequence }) => [sequence, randomUUID()] as const);
  if (held === undefined) {
    const until = bus.clock.now() + queue.settings.lockMs;
    await bus.commit([{ operation: { op: 'lock', e: queue.id, until, m } }], queue, messages);
  } else {
    // The lock of the session counts, which nothing keeps over a restart.
    m.forEach(([, token], i) => {
      const message = messages[i] as QueuedMessage;
      message.lock = { token, until: Infinity };
      message.busy = false;
      held.session.locked.add(message);
    });
  }
  const bodies = await bus.journal.read(messages.map(({ offset }) => offset));
  return messages.map((message, i) => ({ message, bytes: bodies[i] as Buffer }));
}

/** Takes the first ready messages out of the queue: whoever gets them is the only one to have them. */
export async function receiveAndDelete(
  bus: Bus,
  queue: MessageQueue,
  most: number,
  mostBytes: number,
  held?: Held,
): Promise<Received[]> {
  if (!isHeld(held, bus.clock.now())) return [];
  const messages = queue.take(most, mostBytes, bus.clock.now(), held?.session);
  if (messages.length === 0) return [];
  let bodies: Buffer[];
  try {
    bodies = await bus.journal.read(messages.map(({ offset }) => offset));
  } catch (error) {
    queue.release(messages);
    throw error;
  }
  await remove(bus, queue, messages);
  return messages.map((message, i) => ({ message, bytes: bodies[i] as Buffer }));
}

export type Settlement =
  | { readonly kind: 'complete' }
  | { readonly kind: 'abandon'; readonly changed?: ChangedProperties | undefined }
  /** Given back as if it had never been delivered. */
  | { readonly kind: 'release' }
  | { readonly kind: 'defer'; readonly changed?: ChangedProperties | undefined }
  | {
      readonly kind: 'deadLetter';
      readonly reason: string;
      readonly description: string;
      readonly changed?: ChangedProperties | undefined;
    };

/**
 * Settles a locked message, durably.
 * @throws ServiceBusError the lock is lost; LogError
 */
export function settle(
  bus: Bus,
  queue: MessageQueue,
  token: string,
  message: QueuedMessage | undefined,
  how: Settlement,
  held?: Held,
): Promise<void> {
  if (!isHeld(held, bus.clock.now())) return Promise.reject(sessionLockLost(held?.session.id ?? ''));
  const { lock: found } = message ?? {};
  const isThere = message !== undefined && queue.messages.get(message.sequence) === message;
  if (!isThere || message.busy || found?.token !== token || found.until <= bus.clock.now())
    return Promise.reject(lockLost());
  held?.session.locked.delete(message);
  switch (how.kind) {
    case 'complete':
      return remove(bus, queue, [message]);
    case 'abandon':
      return giveBack(bus, queue, [message], { counted: true, changed: how.changed });
    case 'release':
      return giveBack(bus, queue, [message], { counted: false });
    case 'defer':
      return defer(bus, queue, [message], how.changed);
    case 'deadLetter':
      return deadLetter(bus, queue, [message], how);
    default:
      return how satisfies never;
  }
}

/**
 * Holds locks for as long again.
 * @returns until when, milliseconds since 1970
 * @throws ServiceBusError one is lost
 */
export async function renewLocks(bus: Bus, queue: MessageQueue, tokens: readonly string[]): Promise<number> {
  const now = bus.clock.now();
  const messages = tokens.map((token) => {
    const message = lockedBy(queue, token);
    if (message === undefined || message.busy || (message.lock?.until ?? 0) <= now) throw lockLost();
    return message;
  });
  const until = now + queue.settings.lockMs;
  for (const message of messages) message.busy = true;
  await bus.commit(
    [{ operation: { op: 'renew', e: queue.id, until, m: messages.map(({ sequence }) => sequence) } }],
    queue,
    messages,
  );
  return until;
}

/** The message that a lock token is of: looked for among all, as only requests name tokens. */
export function lockedBy(queue: MessageQueue, token: string): QueuedMessage | undefined {
  for (const message of queue.messages.values()) if (message.lock?.token === token) return message;
  return undefined;
}
