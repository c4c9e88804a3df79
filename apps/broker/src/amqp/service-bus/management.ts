import type { Destination } from '../../service-bus/entities.js';
import { badRequest, messageNotFound, ServiceBusError } from '../../service-bus/errors.js';
import { remove } from '../../service-bus/changes.js';
import type { MessageQueue } from '../../service-bus/message-queue.js';
import type { QueuedMessage } from '../../service-bus/queued-message.js';
import {
  lockedBy,
  receiveAndDeleteDeferred,
  receiveDeferred,
  renewLocks,
  settle,
  type Held,
  type Received,
  type Settlement,
} from '../../service-bus/receiving.js';
import { send } from '../../service-bus/sending.js';
import type { Bus } from '../../service-bus/bus.js';
import type { Answer } from '../links/request-response.js';
import { types } from '../rhea.js';
import { layoutOf } from '../wire/messages.js';
import { deliveredMessage } from './delivered-message.js';
import { tokenOf, uuidOf } from './lock-tokens.js';
import { readNewMessage } from './new-message.js';
import { changedIn, textIn } from './outcomes.js';

/** What a request is about. */
export interface Target {
  readonly bus: Bus;
  /** Set where messages are received from. */
  readonly queue: MessageQueue | undefined;
  /** Set where messages are sent to. */
  readonly destination: Destination | undefined;
  /** The session that the client holds under an id; undefined where it holds none of that id. */
  readonly heldBy: (sessionId: string) => Held;
}

export type Body = Readonly<Record<string, unknown>>;
type Operation = (target: Target, body: Body) => Promise<Answer>;

const PEEK_BYTES = 1024 * 1024;
const MOST_AT_ONCE = 1_000;
const LONG = 0x81;
const TIMESTAMP = 0x83;

const ok = (body: Record<string, unknown> = {}): Answer => ({ status: 200, description: 'OK', body });
const empty: Answer = { status: 204, description: 'No Content' };

/** §3 of Azure's contracts: what `<entity>/$management` does with messages, by the name of the operation. */
export const messageOperations: Readonly<Record<string, Operation>> = {
  'com.microsoft:peek-message': async ({ bus, queue: given }, body) => {
    const queue = wanted(given);
    const session = body['session-id'];
    const most = Math.min(count(body['message-count'], 'message-count'), MOST_AT_ONCE);
    const found: QueuedMessage[] = [];
    let bytes = 0;
    for (const message of queue.from(integer(body['from-sequence-number'], 'from-sequence-number'))) {
      if (typeof session === 'string' && message.session !== session) continue;
      bytes += message.bytes;
      if (found.length >= most || (found.length > 0 && bytes > PEEK_BYTES)) break;
      found.push(message);
    }
    if (found.length === 0) return empty;
    const bodies = await bus.journal.read(found.map(({ offset }) => offset));
    // Whoever only looks is told of no lock: it is somebody else's.
    return answerOf(
      found.map((message, i) => types.wrap_map({ message: binary(bodies[i] as Buffer, message, undefined) })),
    );
  },

  'com.microsoft:renew-lock': async ({ bus, queue }, body) => {
    const tokens = tokensIn(body);
    const until = await renewLocks(bus, wanted(queue), tokens);
    return ok({
      expirations: types.wrap_array(
        tokens.map(() => until),
        TIMESTAMP,
        undefined,
      ),
    });
  },

  'com.microsoft:schedule-message': async ({ bus, destination }, body) => {
    if (destination === undefined) throw badRequest('messages are scheduled for a queue or a topic');
    const given = list(body['messages'], 'messages').map((entry) => {
      const bytes = (entry as Body | null)?.['message'];
      if (!Buffer.isBuffer(bytes)) throw badRequest('a message to schedule is binary');
      layoutOf(bytes);
      return readNewMessage(Buffer.from(bytes));
    });
    const sequences = await send(bus, destination, given);
    return ok({ 'sequence-numbers': types.wrap_array(sequences, LONG, undefined) });
  },

  'com.microsoft:cancel-scheduled-message': async ({ bus, destination }, body) => {
    const sequences = new Set(numbersIn(body));
    const queues =
      destination?.queue !== undefined
        ? [destination.queue]
        : (destination?.subscriptions ?? []).map(({ queue }) => queue);
    const found = queues.map((queue) => [queue, scheduledIn(queue, sequences)] as const);
    if (!found.some(([, messages]) => messages.length > 0) && sequences.size > 0)
      throw messageNotFound('The specified message is not scheduled, or not any more.');
    const there = found.filter(([, messages]) => messages.length > 0);
    await Promise.all(there.map(([queue, messages]) => remove(bus, queue, messages)));
    return ok();
  },

  'com.microsoft:receive-by-sequence-number': async (target, body) => {
    const { bus } = target;
    const queue = wanted(target.queue);
    const sequences = numbersIn(body);
    const held = heldIn(target, body);
    const deletes = body['receiver-settle-mode'] === 0;
    const received = deletes
      ? await receiveAndDeleteDeferred(bus, queue, sequences)
      : await receiveDeferred(bus, queue, sequences, held);
    return messages(received, held);
  },

  'com.microsoft:update-disposition': async (target, body) => {
    const { bus } = target;
    const queue = wanted(target.queue);
    const how = settlementIn(body);
    const held = heldIn(target, body);
    await Promise.all(
      tokensIn(body).map((token) => settle(bus, queue, token, lockedBy(queue, token), how, held)),
    );
    return ok();
  },
};

function settlementIn(body: Body): Settlement {
  const changed = changedIn(body['properties-to-modify']);
  switch (body['disposition-status']) {
    case 'completed':
      return { kind: 'complete' };
    case 'abandoned':
      return { kind: 'abandon', changed };
    case 'defered':
      return { kind: 'defer', changed };
    case 'suspended': {
      const reason = textIn(body['deadletter-reason']);
      return { kind: 'deadLetter', reason, description: textIn(body['deadletter-description']), changed };
    }
    default:
      throw badRequest('disposition-status is completed, abandoned, defered or suspended');
  }
}

function messages(received: readonly Received[], held?: Held): Answer {
  const list = received.map(({ message, bytes }) => {
    const { lock } = message;
    if (lock === undefined) return types.wrap_map({ message: binary(bytes, message, undefined) });
    const until = held === undefined ? lock.until : held.session.lockedUntil;
    return types.wrap_map({
      message: binary(bytes, message, until, lock.token),
      'lock-token': types.wrap_uuid(uuidOf(lock.token)),
    });
  });
  return answerOf(list);
}

const binary = (...what: Parameters<typeof deliveredMessage>) => types.wrap_binary(deliveredMessage(...what));
const answerOf = (list: unknown[]): Answer => ok({ messages: types.wrap_list(list) });

function scheduledIn(queue: MessageQueue, sequences: ReadonlySet<number>): QueuedMessage[] {
  return [...sequences].flatMap((sequence) => {
    const message = queue.messages.get(sequence);
    return message?.scheduledFor === undefined || message.busy ? [] : [message];
  });
}

export function heldIn({ queue, heldBy }: Target, body: Body): Held {
  const session = body['session-id'];
  if (queue?.settings.requiresSession !== true) return undefined;
  if (typeof session !== 'string') throw badRequest('the entity requires a session-id');
  const held = heldBy(session);
  if (held === undefined)
    throw new ServiceBusError(
      'com.microsoft:session-lock-lost',
      `The session '${session}' is not held here.`,
      410,
    );
  return held;
}

export function wanted(queue: MessageQueue | undefined): MessageQueue {
  if (queue === undefined) throw badRequest('a queue, a subscription or their dead letters are meant');
  return queue;
}

export function list(value: unknown, name: string): unknown[] {
  if (Array.isArray(value) && value.length <= MOST_AT_ONCE) return value;
  throw badRequest(`${name} must be a list of at most ${MOST_AT_ONCE}`);
}

export function integer(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw badRequest(`${name} must be a whole number`);
}

/** @throws ServiceBusError for what is no number of things */
export function count(value: unknown, name: string): number {
  const number = integer(value, name);
  if (number >= 0) return number;
  throw badRequest(`${name} must not be negative`);
}

const numbersIn = (body: Body): number[] =>
  list(body['sequence-numbers'], 'sequence-numbers').map((value) => integer(value, 'a sequence number'));

function tokensIn(body: Body): string[] {
  return list(body['lock-tokens'], 'lock-tokens').map((value) => {
    const token = tokenOf(value);
    if (token === undefined) throw badRequest('a lock token is a uuid');
    return token;
  });
}
