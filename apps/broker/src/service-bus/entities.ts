import type { ServiceBusConfig, SubscriptionConfig } from '../config/service-bus-entities.js';
import { Duplicates } from './duplicates.js';
import type { Rule } from './filters/filter.js';
import { MessageQueue, type QueueSettings } from './message-queue.js';

/** Where messages are sent: a queue, or a topic with its subscriptions. */
export interface Destination {
  /** As it is declared. */
  readonly name: string;
  readonly id: string;
  readonly ttlMs: number;
  readonly duplicates: Duplicates | undefined;
  readonly forwardTo: string | undefined;
  /** Set for a queue. */
  readonly queue: MessageQueue | undefined;
  readonly subscriptions: readonly Subscription[];
}

export interface Subscription {
  readonly name: string;
  readonly queue: MessageQueue;
  /** By name; declared ones until a rule was added or removed while the engine ran. */
  rules: readonly Rule[];
  readonly declaredRules: readonly Rule[];
  readonly forwardTo: string | undefined;
}

const DEAD_LETTERS = '$deadletterqueue';

/** The queues and topics of one engine, by name. */
export class Entities {
  readonly destinations = new Map<string, Destination>();
  readonly subscriptions = new Map<string, Subscription>();
  /** Everything that holds messages, by the name the journal has for it. */
  readonly queues = new Map<string, MessageQueue>();
  private readonly forwards = new Map<MessageQueue, string>();

  constructor({ queues, topics }: ServiceBusConfig, mostIds: number) {
    const duplicatesOf = (windowMs: number | undefined) =>
      windowMs === undefined ? undefined : new Duplicates(windowMs, mostIds);
    for (const config of queues) {
      const queue = this.addQueue(config.name.toLowerCase(), config);
      if (config.forwardDeadLettersTo !== undefined)
        this.forwards.set(queue, config.forwardDeadLettersTo.toLowerCase());
      const { name, ttlMs, forwardTo } = config;
      const duplicates = duplicatesOf(config.duplicateWindowMs);
      this.destinations.set(queue.id, {
        name,
        id: queue.id,
        ttlMs,
        duplicates,
        forwardTo,
        queue,
        subscriptions: [],
      });
    }
    for (const { name, ttlMs, duplicateWindowMs, subscriptions } of topics) {
      const id = name.toLowerCase();
      const added = subscriptions.map((config) => this.addSubscription(id, config));
      const duplicates = duplicatesOf(duplicateWindowMs);
      this.destinations.set(id, {
        name,
        id,
        ttlMs,
        duplicates,
        forwardTo: undefined,
        queue: undefined,
        subscriptions: added,
      });
    }
  }

  /** The queue that a path names: `q`, `t/Subscriptions/s`, either with `/$DeadLetterQueue`, whatever the case. */
  queue(path: readonly string[]): MessageQueue | undefined {
    const queue = this.queues.get(path.join('/').toLowerCase());
    return queue?.declared === true ? queue : undefined;
  }

  /** Where the dead letters of a queue go; undefined for dead letters. */
  deadLettersOf(queue: MessageQueue): MessageQueue | undefined {
    const forward = this.forwards.get(queue);
    return (forward === undefined ? undefined : this.queues.get(forward)) ?? queue.deadLetters;
  }

  /** What the journal speaks of: an entity that is not declared any more keeps what it has, out of sight. */
  mentioned(id: string): MessageQueue {
    const known = this.queues.get(id);
    if (known !== undefined) return known;
    const forgotten = new MessageQueue(id, UNDECLARED, undefined, false);
    this.queues.set(id, forgotten);
    return forgotten;
  }

  private addQueue(id: string, settings: QueueSettings): MessageQueue {
    // Dead letters stay until somebody takes them; nothing of them is counted or kept in sessions.
    const forLetters = {
      ...settings,
      ttlMs: Infinity,
      requiresSession: false,
      maxDeliveries: Infinity,
      maxBytes: Infinity,
    };
    const deadLetters = new MessageQueue(`${id}/${DEAD_LETTERS}`, forLetters, undefined);
    const queue = new MessageQueue(id, settings, deadLetters);
    this.queues.set(queue.id, queue);
    this.queues.set(deadLetters.id, deadLetters);
    return queue;
  }

  private addSubscription(topic: string, config: SubscriptionConfig): Subscription {
    const queue = this.addQueue(`${topic}/subscriptions/${config.name.toLowerCase()}`, config);
    if (config.forwardDeadLettersTo !== undefined)
      this.forwards.set(queue, config.forwardDeadLettersTo.toLowerCase());
    const subscription = {
      name: config.name,
      queue,
      rules: config.rules,
      declaredRules: config.rules,
      forwardTo: config.forwardTo,
    };
    this.subscriptions.set(queue.id, subscription);
    return subscription;
  }
}

const UNDECLARED: QueueSettings = {
  name: '',
  lockMs: 60_000,
  maxDeliveries: Infinity,
  ttlMs: Infinity,
  deadLetterOnExpiry: false,
  requiresSession: false,
  maxBytes: Infinity,
};
