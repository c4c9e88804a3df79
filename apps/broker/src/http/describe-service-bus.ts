import type { ServiceBus } from '../service-bus/service-bus.js';

/** Every queue and subscription, and their dead letters: how many messages in which state, and their bytes. */
export function describeServiceBus({ entities, journal }: ServiceBus): object {
  const items = Array.from(entities.queues.values(), ({ id, messages, bytes, declared }) => {
    const counts = { active: 0, locked: 0, deferred: 0, scheduled: 0 };
    for (const { lock, deferred, scheduledFor } of messages.values()) {
      if (lock !== undefined) counts.locked++;
      else if (deferred) counts.deferred++;
      else if (scheduledFor !== undefined) counts.scheduled++;
      else counts.active++;
    }
    return { name: id, declared, messages: messages.size, counts, bytes };
  });
  return { journalBytes: journal.bytes, items };
}
