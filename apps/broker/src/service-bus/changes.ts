import { entityFull } from './errors.js';
import type { MessageQueue } from './message-queue.js';
import type { ChangedProperties } from './operations.js';
import type { QueuedMessage } from './queued-message.js';
import type { Bus } from './bus.js';

/*
 * What becomes of messages of one queue. Each takes messages that are not busy, or that the caller has made so, and settles
 * once the change is durable; where the disk refuses it, nothing has changed.
 */

const hold = (messages: readonly QueuedMessage[]): void => {
  for (const message of messages) message.busy = true;
};
const numbers = (messages: readonly QueuedMessage[]): number[] => messages.map(({ sequence }) => sequence);

/** They are gone: completed, cancelled or expired. */
export function remove(bus: Bus, queue: MessageQueue, messages: readonly QueuedMessage[]): Promise<void> {
  hold(messages);
  return bus.commit([{ operation: { op: 'done', e: queue.id, m: numbers(messages) } }], queue, messages);
}

/**
 * They may be received again; where the delivery counts, and was the last one allowed, they become dead letters.
 */
export async function giveBack(
  bus: Bus,
  queue: MessageQueue,
  messages: readonly QueuedMessage[],
  { counted, changed }: { counted: boolean; changed?: ChangedProperties | undefined },
): Promise<void> {
  const { maxDeliveries } = queue.settings;
  const isLast = ({ deliveries }: QueuedMessage) => counted && deliveries + 1 >= maxDeliveries;
  const last = messages.filter(isLast);
  const others = messages.filter((message) => !isLast(message));
  hold(messages);
  const work: Promise<void>[] = [];
  if (others.length > 0) {
    const operation = {
      op: 'back' as const,
      e: queue.id,
      m: numbers(others),
      counted,
      ...(changed !== undefined && { c: changed }),
    };
    work.push(bus.commit([{ operation }], queue, others));
  }
  if (last.length > 0) {
    const reason = 'MaxDeliveryCountExceeded';
    const description = `Message could not be consumed after ${maxDeliveries} delivery attempts.`;
    work.push(deadLetter(bus, queue, last, { reason, description, changed }));
  }
  await Promise.all(work);
}

export function defer(
  bus: Bus,
  queue: MessageQueue,
  messages: readonly QueuedMessage[],
  changed: ChangedProperties | undefined,
): Promise<void> {
  hold(messages);
  const operation = {
    op: 'defer' as const,
    e: queue.id,
    m: numbers(messages),
    ...(changed !== undefined && { c: changed }),
  };
  return bus.commit([{ operation }], queue, messages);
}

/** From dead letters nothing goes further: there they are only given back. */
export async function deadLetter(
  bus: Bus,
  queue: MessageQueue,
  messages: readonly QueuedMessage[],
  {
    reason,
    description,
    changed,
  }: { reason: string; description: string; changed?: ChangedProperties | undefined },
): Promise<void> {
  const to = bus.entities.deadLettersOf(queue);
  if (to === undefined) return giveBack(bus, queue, messages, { counted: true, changed });
  hold(messages);
  // The dead letters of a queue keep their numbers; another queue has its own.
  const next = ({ sequence }: QueuedMessage) => (to === queue.deadLetters ? sequence : to.nextSequence++);
  const m = messages.map((message) => [message.sequence, next(message)] as const);
  const d = [reason, description, queue.id] as const;
  const operation = {
    op: 'move' as const,
    e: queue.id,
    to: to.id,
    m,
    d,
    ...(changed !== undefined && { c: changed }),
  };
  await bus.commit([{ operation }], queue, messages);
}

/** Their time has come: they stand at the end of the queue, with new numbers. */
export function wakeScheduled(
  bus: Bus,
  queue: MessageQueue,
  messages: readonly QueuedMessage[],
): Promise<void> {
  hold(messages);
  const inOrder = [...messages].sort(
    (a, b) => (a.scheduledFor ?? 0) - (b.scheduledFor ?? 0) || a.sequence - b.sequence,
  );
  const m = inOrder.map(({ sequence }) => [sequence, queue.nextSequence++] as const);
  return bus.commit([{ operation: { op: 'wake', e: queue.id, m, t: bus.clock.now() } }], queue, messages);
}

/** @throws ServiceBusError there is no room for so many more */
export function assertRoom(bus: Bus, queue: MessageQueue, bytes: number): void {
  const { arriving, settings, messages } = queue;
  if (
    queue.bytes + arriving.bytes + bytes > settings.maxBytes ||
    messages.size + arriving.count >= bus.maxMessages
  )
    throw entityFull(queue.id);
}
