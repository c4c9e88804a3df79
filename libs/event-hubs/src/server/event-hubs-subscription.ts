import { randomUUID } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import {
  CloseReason,
  EventHubConsumerClient,
  type PartitionContext,
  type PartitionProperties,
  type Subscription,
  earliestEventPosition,
} from '@azure/event-hubs';
import { Logger } from '@nestjs/common';
import type { PartitionStore } from '../checkpoint-store/partition-store.js';
import { PartitionStoppedError } from '../errors.js';
import { backOffMs, pause, within } from '../retry/back-off.js';
import { oneAttempt } from '../client-library/one-attempt.js';
import type { EventHubsSettings } from '../settings.js';
import type { EventHubsEvents } from './event-hubs.events.js';
import { LookWatch } from './look-watch.js';
import type { LastEnqueued, PartitionProcessor } from './partition-processor.js';
import { PartitionWorker } from './partition-worker.js';

export interface SubscriptionOptions {
  settings: EventHubsSettings;
  consumerGroup: string;
  store: PartitionStore;
  processor: PartitionProcessor;
  events: EventEmitter<EventHubsEvents>;
  /** Events handed over at once, at most. */
  maxBatchSize?: number;
  /** Events the client library fetches ahead, a partition. */
  prefetchCount?: number;
  /** How often the SDK looks for partitions to claim and renews its own. */
  lookIntervalMs?: number;
  /** Silence after which a living process loses its partitions; one that has died loses them at the next look. */
  ownershipExpiryMs?: number;
}

/** A tick without events comes this often, and a broken link is noticed so soon. */
const maxWaitTimeInSeconds = 1;
const overdueMs = 5_000;
const engineBackOff = { baseMs: 100, maxMs: 1_000 };

/**
 * Reads the partitions of a hub that fall to this process, as long as it lives.
 *
 *   reaching ──the engine answers──▶ reading ──a look is overdue──▶ reaching
 *      └───────────── close() ──────────┴──▶ closed
 *
 * Each turn of reading has a client and an owner name of its own, so that nothing of an earlier turn can write.
 */
export class EventHubsSubscription {
  private readonly logger = new Logger('EventHubs');
  private readonly closing = new AbortController();
  private readonly workers = new Map<string, PartitionWorker>();
  /** Where events were missing last, a partition. */
  private readonly gaps = new Map<string, number>();
  private loop: Promise<void> | undefined;
  private client: EventHubConsumerClient | undefined;
  private reading = false;
  private turn = 0;
  private readonly name = randomUUID().slice(0, 8);

  constructor(private readonly options: SubscriptionOptions) {}

  start(): void {
    this.loop ??= this.run();
  }

  /** Whether the engine answers and partitions are being read or looked for. */
  get running(): boolean {
    return this.reading;
  }

  /** Where each partition's log ends now, asked of the engine. */
  async heads(): Promise<PartitionProperties[]> {
    const { client } = this;
    if (!client) throw new Error('the Event Hubs engine has not been reached yet');
    const ids = await client.getPartitionIds();
    return Promise.all(ids.map((id) => client.getPartitionProperties(id)));
  }

  /** Ends the batches in hand, gives the partitions up and disconnects, within about 7 s in the worst case. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      const owner = `${this.name}.${++this.turn}`;
      const watch = new LookWatch(this.options.store);
      const client = this.newClient(owner, watch);
      try {
        if (!(await this.reach(client))) continue;
        watch.lastLookAt = performance.now();
        const subscription = this.subscribe(client, owner);
        this.client = client;
        this.setReading(true);
        await this.untilOverdue(watch);
        this.setReading(false, new Error('the engine has not answered for some seconds'));
        await this.tearDown(owner, subscription);
      } finally {
        this.client = undefined;
        await within(1_000, client.close());
      }
    }
  }

  /** Twice in a row: a process that was held up itself must first give the SDK its turn. */
  private async untilOverdue(watch: LookWatch): Promise<void> {
    const { signal } = this.closing;
    for (let overdue = 0; overdue < 2 && !signal.aborted;) {
      await pause(500, signal);
      overdue = performance.now() - watch.lastLookAt < overdueMs ? 0 : overdue + 1;
    }
  }

  /** Tries until the engine answers; `false` when closed before. */
  private async reach(client: EventHubConsumerClient): Promise<boolean> {
    const { signal } = this.closing;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await client.getPartitionIds({ abortSignal: signal });
        return !signal.aborted;
      } catch (error) {
        if (signal.aborted) return false;
        if (failures === 0) this.logger.warn(`the Event Hubs engine is away, trying on: ${messageOf(error)}`);
        await pause(backOffMs(failures, engineBackOff), signal);
      }
    }
    return false;
  }

  private subscribe(client: EventHubConsumerClient, owner: string): Subscription {
    let failures = 0;
    return client.subscribe(
      {
        processInitialize: async (context) => {
          await this.workers.get(context.partitionId)?.stop();
          const worker = this.workerFor(context, owner);
          this.workers.set(context.partitionId, worker);
          await worker.open();
        },
        processEvents: async (events, context) => {
          failures = 0;
          const worker = this.workers.get(context.partitionId);
          // Returning without having processed would let the SDK go on past the batch.
          if (!worker) throw new PartitionStoppedError(context.partitionId);
          await worker.process(events, lastEnqueuedOf(context));
        },
        processClose: async (reason, context) => {
          await this.workers.get(context.partitionId)?.stop();
          this.workers.delete(context.partitionId);
          // A reader that ended by an error of its own leaves an ownership behind that nobody would use until it expires.
          if (reason === CloseReason.Shutdown) await this.options.store.release(owner, context.partitionId);
        },
        // The SDK awaits this before it tries a broken receiver again: without the pause it would spin.
        processError: async (error) => {
          this.logger.debug(`Event Hubs: ${messageOf(error)}`);
          await pause(backOffMs(failures++, engineBackOff), this.closing.signal);
        },
      },
      {
        maxBatchSize: this.options.maxBatchSize ?? 500,
        prefetchCount: this.options.prefetchCount ?? 1_500,
        maxWaitTimeInSeconds,
        startPosition: earliestEventPosition,
        trackLastEnqueuedEventProperties: true,
        skipParsingBodyAsJson: true,
      },
    );
  }

  private workerFor(context: PartitionContext, owner: string): PartitionWorker {
    const key = {
      namespace: context.fullyQualifiedNamespace,
      eventHubName: context.eventHubName,
      consumerGroup: context.consumerGroup,
      partitionId: context.partitionId,
    };
    return new PartitionWorker({
      partitionId: context.partitionId,
      processor: this.options.processor,
      lease: () => this.options.store.lease(key, owner),
      seenGapBefore: (sequenceNumber) => {
        const before = this.gaps.get(context.partitionId) === sequenceNumber;
        this.gaps.set(context.partitionId, sequenceNumber);
        return before;
      },
      events: this.options.events,
      logger: this.logger,
    });
  }

  /** The order matters: finish what is in hand, then disconnect, then let go; each step bounded, for a dead engine hangs. */
  private async tearDown(owner: string, subscription: Subscription): Promise<void> {
    const workers = [...this.workers.values()];
    this.workers.clear();
    if (!(await within(4_000, Promise.all(workers.map((worker) => worker.stop()))))) {
      this.logger.warn('a handler did not end in time: its transaction will be refused');
    }
    await within(1_500, subscription.close());
    await within(1_000, this.options.store.release(owner));
  }

  private newClient(owner: string, watch: LookWatch): EventHubConsumerClient {
    const { settings, consumerGroup, lookIntervalMs, ownershipExpiryMs } = this.options;
    return new EventHubConsumerClient(
      consumerGroup,
      settings.connectionString,
      settings.eventHubName,
      watch,
      {
        identifier: owner,
        retryOptions: { ...oneAttempt },
        loadBalancingOptions: {
          strategy: 'greedy',
          updateIntervalInMs: lookIntervalMs ?? 1_000,
          partitionOwnershipExpirationIntervalInMs: ownershipExpiryMs ?? 10_000,
        },
      },
    );
  }

  private setReading(reading: boolean, cause?: Error): void {
    if (this.reading === reading) return;
    this.reading = reading;
    if (reading) {
      this.logger.log('connected to the Event Hubs engine');
      this.options.events.emit('connected');
    } else {
      if (!this.closing.signal.aborted) this.logger.warn(`reaching for the engine again: ${cause?.message}`);
      this.options.events.emit('disconnected', cause);
    }
  }
}

function lastEnqueuedOf(context: PartitionContext): LastEnqueued | undefined {
  const last = context.lastEnqueuedEventProperties;
  if (typeof last?.sequenceNumber !== 'number') return undefined;
  return { sequenceNumber: last.sequenceNumber, enqueuedAt: last.enqueuedOn };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
