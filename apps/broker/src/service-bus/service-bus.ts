import type { Clock } from '@app/clock';
import type { FileSystem } from '@app/partition-log';
import type { ServiceBusConfig } from '../config/service-bus-entities.js';
import type { Logger } from '../logging/logger.js';
import type { Bus } from './bus.js';
import { Compaction } from './compaction.js';
import { Entities } from './entities.js';
import { Journal, type Entry, type Place } from './journal.js';
import type { MessageQueue } from './message-queue.js';
import type { Operation } from './operations.js';
import type { QueuedMessage } from './queued-message.js';
import { Upkeep } from './upkeep.js';

export interface ServiceBusOptions {
  readonly folder: string;
  readonly fileSystem: FileSystem;
  readonly config: ServiceBusConfig;
  readonly clock: Clock;
  readonly log: Logger;
  readonly segmentBytes: number;
  readonly maxPendingBytes: number;
  readonly tailCacheBytes: number;
  /** Message ids that a queue or topic remembers at most. */
  readonly maxMessageIds: number;
  /** Messages that an entity holds at most, however small. */
  readonly maxMessages: number;
}

/** The queues and topics of a data folder, their journal, and what changes by itself. */
export class ServiceBus implements Bus {
  readonly clock: Clock;
  readonly maxMessages: number;
  private readonly upkeep: Upkeep;
  private readonly compaction: Compaction;
  private readonly log: Logger;
  pendingFacts = 0;

  private constructor(
    readonly entities: Entities,
    readonly journal: Journal,
    { clock, log, segmentBytes, maxMessages }: ServiceBusOptions,
  ) {
    this.clock = clock;
    this.log = log;
    this.maxMessages = maxMessages;
    this.upkeep = new Upkeep(this, log);
    this.compaction = new Compaction(this, segmentBytes, log);
    for (const queue of entities.queues.values()) this.upkeep.watch(queue);
  }

  /** @throws CorruptLogError what was acknowledged is damaged */
  static async open(options: ServiceBusOptions): Promise<ServiceBus> {
    const { folder, fileSystem, segmentBytes, maxPendingBytes, tailCacheBytes, clock, log } = options;
    const entities = new Entities(options.config, options.maxMessageIds);
    const report = (message: string) => log.warn(`Service Bus: ${message}`);
    const logOptions = { folder, fileSystem, segmentBytes, maxPendingBytes, tailCacheBytes, report };
    const journal = await Journal.open({ ...logOptions, now: () => clock.now() }, (operation, place) =>
      apply(entities, operation, place),
    );
    for (const { id, declared, messages } of entities.queues.values()) {
      if (declared || messages.size === 0) continue;
      report(
        `'${id}' is not declared any more: its ${messages.size} messages are kept, and nobody sees them`,
      );
    }
    return new ServiceBus(entities, journal, options);
  }

  get failure(): Error | undefined {
    return this.journal.failure;
  }

  async commit(
    entries: readonly Entry[],
    queue?: MessageQueue,
    busy: readonly QueuedMessage[] = [],
  ): Promise<void> {
    let offsets: number[];
    try {
      offsets = await this.journal.append(entries);
    } catch (error) {
      queue?.release(busy);
      throw error;
    }
    const touched = new Set<MessageQueue>();
    entries.forEach(({ operation, message }, i) => {
      const place = { offset: offsets[i] as number, bytes: message?.length ?? 0 };
      for (const one of apply(this.entities, operation, place)) touched.add(one);
    });
    for (const one of touched) {
      this.upkeep.watch(one);
      one.wake();
    }
    this.compaction.consider();
  }

  async commitFact(operation: Operation): Promise<void> {
    this.pendingFacts++;
    try {
      await this.commit([{ operation }]);
    } finally {
      this.pendingFacts--;
    }
  }

  async close(): Promise<void> {
    this.upkeep.stop();
    await this.compaction.stop();
    await this.journal.close();
    if (this.failure !== undefined) this.log.error(`Service Bus had failed: ${this.failure.message}`);
  }
}

/** Answers the queues that have changed. */
function apply(entities: Entities, operation: Operation, place: Place): MessageQueue[] {
  switch (operation.op) {
    case 'put': {
      if (operation.id !== undefined) {
        const [entity, id, until] = operation.id;
        entities.destinations.get(entity)?.duplicates?.restore(id, until);
      }
      return operation.to.map((placed) => {
        const queue = entities.mentioned(placed.e);
        queue.put(placed, place);
        return queue;
      });
    }
    case 'move': {
      const from = entities.mentioned(operation.e);
      const to = entities.mentioned(operation.to);
      for (const [sequence, next] of operation.m) {
        const message = from.remove(sequence);
        if (message === undefined) continue;
        const { d: deadLetter, c: changed = message.changed } = operation;
        to.add({
          ...message,
          sequence: next,
          deadLetter,
          changed,
          lock: undefined,
          deferred: false,
          busy: false,
          expiresAt: Infinity,
          scheduledFor: undefined,
        });
      }
      return [from, to];
    }
    case 'session': {
      const queue = entities.mentioned(operation.e);
      const session = queue.sessions.of(operation.id);
      session.state = operation.state;
      queue.sessions.forget(session);
      return [];
    }
    case 'ids': {
      const duplicates = entities.destinations.get(operation.e)?.duplicates;
      for (const [id, until] of operation.m) duplicates?.restore(id, until);
      return [];
    }
    case 'rules': {
      const subscription = entities.subscriptions.get(operation.e);
      if (subscription !== undefined) subscription.rules = operation.rules;
      return [];
    }
    case 'next': {
      const queue = entities.mentioned(operation.e);
      queue.nextSequence = Math.max(queue.nextSequence, operation.s);
      return [];
    }
    default: {
      const queue = entities.mentioned(operation.e);
      queue.apply(operation);
      return [queue];
    }
  }
}
