import { ServerEventHubs, type ServerEventHubsOptions } from '@app/event-hubs';
import type { MessageHandler } from '@nestjs/microservices';
import type { HandlerRegistry } from './handlers/handler-registry.js';
import type { ConsumerEvents } from './lifecycle/consumer.events.js';
import type { DataSource } from 'typeorm';
import { CustomerDrain } from './set-aside/customer-drain.js';
import type { PauseGate } from './control/pause-gate.js';
import type { Faults } from './faults/faults.js';
import { Drainer } from './set-aside/drainer.js';
import type { RetryPauses } from './set-aside/retry-schedule.js';
import { inTime } from './runtime/in-time.js';
import { HandlerRunner } from './runtime/handler-runner.js';
import type { LogPartition } from './replay/plan-starts.js';
import type { ReplayGate } from './replay/replay-gate.js';
import type { InboxSweeper } from './inbox/inbox-sweeper.js';
import type { ReplayWatch } from './replay/replay-watch.js';
import { type ProcessorParts, TransactionalProcessor } from './runtime/transactional-processor.js';

export interface ConsumerServerOptions extends Omit<ServerEventHubsOptions, 'processor'> {
  parts: Omit<ProcessorParts, 'handlers'> & { gate: PauseGate };
  database: DataSource;
  replays: ReplayGate;
  replayWatch: ReplayWatch;
  inboxSweeper: InboxSweeper;
  /** Pauses between the tries of an event that was set aside. */
  pauses: RetryPauses;
  faults: Faults;
  handlerTimeoutMs: number;
}

export type DatedLogPartition = LogPartition & { lastEnqueuedAt: Date };

/** The transport of a consumer: Event Hubs, with every effect once. Give it to `bootstrap` as its strategy. */
export class ConsumerServer extends ServerEventHubs {
  private readonly registry: HandlerRegistry;
  private readonly database: DataSource;
  readonly processor: TransactionalProcessor;
  readonly drainer: Drainer;
  /** What goes on beside the reading. */
  private readonly chores: readonly { start(): void; stop(): Promise<void> }[];

  constructor({
    parts,
    database,
    pauses,
    faults,
    handlerTimeoutMs,
    replays,
    replayWatch,
    inboxSweeper,
    ...options
  }: ConsumerServerOptions) {
    const handlers = new HandlerRunner(
      parts.registry,
      async ({ callback }, payload, context) => {
        faults.strike(context.rawEvents);
        await inTime(handlerTimeoutMs, this.runHandler(callback, payload, context));
      },
      parts.events,
      replays,
    );
    const processor = new TransactionalProcessor({ ...parts, handlers });
    super({ ...options, processor });
    this.processor = processor;
    this.registry = parts.registry;
    this.database = database;
    const { consumerGroup } = options;
    const { reader, events } = parts;
    const drain = new CustomerDrain({ consumerGroup, database, reader, handlers, events, pauses });
    this.drainer = new Drainer(database, drain, parts.gate, pauses);
    events.on('setAside', () => this.drainer.wake());
    this.chores = [parts.gate, this.drainer, replayWatch, inboxSweeper];
    forward(this, parts.events);
  }

  /** @throws when handlers are to be called at once and the connections cannot carry that */
  override listen(callback: (error?: unknown) => void): void {
    const { pipeline } = (this.database.options.extra ?? {}) as { pipeline?: boolean };
    if (this.registry.isPerCustomer && pipeline !== true) {
      throw new Error('perCustomer: give DatabaseModule.forRoot `connection: { pipeline: true }`');
    }
    for (const chore of this.chores) chore.start();
    super.listen(callback);
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), ...this.chores.map((chore) => chore.stop())]);
  }

  /** Where each partition's log ends now, asked of the engine. */
  heads(): ReturnType<ServerEventHubs['subscription']['heads']> {
    return this.subscription.heads();
  }

  /** The hub's partitions as the engine describes them now. @throws when it does not answer */
  async log(): Promise<{ namespace: string; eventHubName: string; partitions: DatedLogPartition[] }> {
    const heads = await this.heads();
    const partitions = heads.map((head) => ({
      partitionId: head.partitionId,
      first: Math.max(0, head.isEmpty ? head.lastEnqueuedSequenceNumber + 1 : head.beginningSequenceNumber),
      last: head.lastEnqueuedSequenceNumber,
      lastEnqueuedAt: head.lastEnqueuedOnUtc,
    }));
    const { namespace } = this.subscription;
    return { namespace, eventHubName: heads[0]?.eventHubName ?? '', partitions };
  }

  /** Handlers of one type are called one after the other, not at once as Nest's chain would: they share a transaction. */
  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    if (!isEventHandler) throw new Error(`${String(pattern)}: a consumer takes events, use @EventPattern`);
    this.registry.add(this.normalizePattern(pattern as string), callback, extras);
  }
}

/** One emitter for all of the runtime. */
function forward(server: ServerEventHubs, events: ConsumerEvents): void {
  server.events.on('connected', () => events.emit('connected'));
  server.events.on('disconnected', () => events.emit('disconnected'));
  server.events.on('partitionInitialised', (lease) => events.emit('partitionInitialised', lease));
  server.events.on('partitionClosed', (partitionId) => events.emit('partitionClosed', partitionId));
  server.events.on('fenced', (partitionId) => events.emit('fenced', partitionId));
  server.events.on('paused', (partitionId, cause) => events.emit('paused', partitionId, cause));
  server.events.on('resumed', (partitionId) => events.emit('resumed', partitionId));
}
