import {
  CloseReason,
  EventHubConsumerClient,
  type PartitionContext,
  type PartitionProperties,
  type Subscription,
  type SubscriptionEventHandlers,
  earliestEventPosition,
} from '@azure/event-hubs';
import { Logger } from '@nestjs/common';
import { oneAttempt } from '../client-library/one-attempt.js';
import { whatIsMissing } from '../client-library/what-is-missing.js';
import { PartitionStoppedError } from '../errors.js';
import { backOffMs, pause, SparingLog, within } from '@app/service-defaults';
import { LookWatch } from './look-watch.js';
import { PartitionWorker } from './partition-worker.js';
import type { SubscriptionOptions } from './subscription-options.js';

/** A tick without events comes this often, and a broken link is noticed so soon. */
const maxWaitTimeInSeconds = 1;
const receiverBackOff = { baseMs: 100, maxMs: 1_000 };

/**
 * One connection to the engine and what is read over it: a client, a subscription, a worker a partition, under an owner
 * name that is used once. When the engine has gone, the turn is ended and another begins; whatever of it still moves
 * cannot write, because its partitions have another owner by then.
 */
export class ReadingTurn {
  private readonly logger = new Logger('EventHubs');
  private readonly errors = new SparingLog(this.logger);
  private readonly workers = new Map<string, PartitionWorker>();
  private readonly ended = new AbortController();
  private readonly watch: LookWatch;
  private readonly client: EventHubConsumerClient;
  private subscription: Subscription | undefined;
  private failures = 0;

  constructor(
    private readonly owner: string,
    private readonly options: SubscriptionOptions,
    private readonly gaps: Map<string, number>,
  ) {
    const { settings, consumerGroup, store, lookIntervalMs, ownershipExpiryMs } = options;
    this.watch = new LookWatch(store);
    this.client = new EventHubConsumerClient(
      consumerGroup,
      settings.connectionString,
      settings.eventHubName,
      this.watch,
      {
        identifier: owner,
        retryOptions: { ...oneAttempt },
        loadBalancingOptions: {
          strategy: 'greedy',
          updateIntervalInMs: lookIntervalMs ?? 1_000,
          partitionOwnershipExpirationIntervalInMs: ownershipExpiryMs ?? 6_000,
        },
      },
    );
  }

  /** Asks the engine for its partitions; rejects when it does not answer. */
  async reach(signal: AbortSignal): Promise<void> {
    const ids = await this.client.getPartitionIds({ abortSignal: signal });
    for (const id of ids) this.watch.startPositions[id] ??= earliestEventPosition;
  }

  begin(): void {
    this.watch.lastLookAt = performance.now();
    this.subscription = this.client.subscribe(this.handlers(), {
      maxBatchSize: this.maxBatchSize,
      prefetchCount: this.options.prefetchCount ?? 1_500,
      maxWaitTimeInSeconds,
      startPosition: this.watch.startPositions,
      skipParsingBodyAsJson: true,
    });
  }

  private get maxBatchSize(): number {
    return this.options.maxBatchSize ?? 500;
  }

  /** How long ago the SDK looked for partitions. */
  get sinceLookMs(): number {
    return performance.now() - this.watch.lastLookAt;
  }

  async heads(): Promise<PartitionProperties[]> {
    const ids = await this.client.getPartitionIds();
    return Promise.all(ids.map((id) => this.client.getPartitionProperties(id)));
  }

  /** As positions are kept under it. */
  get namespace(): string {
    return this.client.fullyQualifiedNamespace;
  }

  /** The order matters: finish what is in hand, disconnect, let go; each step bounded, for with a dead engine they hang. */
  async end(): Promise<void> {
    this.ended.abort();
    const stopping = [...this.workers.values()].map((worker) => worker.stop());
    if (!(await within(4_000, Promise.all(stopping)))) {
      this.logger.warn('a handler did not end in time: its transaction will be refused');
    }
    if (this.subscription) {
      await within(1_500, this.subscription.close());
      await within(1_000, this.options.store.release(this.owner));
    }
    await within(1_000, this.client.close());
  }

  private handlers(): SubscriptionEventHandlers {
    return {
      processInitialize: async (context) => {
        await this.workers.get(context.partitionId)?.stop();
        const worker = this.workerFor(context);
        this.workers.set(context.partitionId, worker);
        await worker.open();
      },
      processEvents: async (events, context) => {
        this.failures = 0;
        const worker = this.workers.get(context.partitionId);
        // Returning without having processed would let the SDK go on past the batch.
        if (!worker || this.ended.signal.aborted) throw new PartitionStoppedError(context.partitionId);
        await worker.process(events);
      },
      processClose: async (reason, { partitionId }) => {
        const worker = this.workers.get(partitionId);
        await worker?.stop();
        // The partition may have come back meanwhile: what is the new worker's stays.
        if (this.workers.get(partitionId) !== worker) return;
        this.workers.delete(partitionId);
        // A reader that ended by an error of its own leaves an ownership that nobody would use until it expires.
        if (reason === CloseReason.Shutdown) await this.options.store.release(this.owner, partitionId);
      },
      // The SDK awaits this before it tries a broken receiver again: without the pause it would spin.
      processError: async (error, { partitionId }) => {
        const { settings, consumerGroup } = this.options;
        const wanted = { ...settings, consumerGroup, right: 'Listen' } as const;
        const missing = whatIsMissing(error, wanted, 'group');
        if (missing !== undefined) this.errors.warn(missing);
        else if (endsPartition(error)) this.errors.warn(`partition ${partitionId}: ${error.message}`);
        else this.logger.debug(`Event Hubs: ${error.message}`);
        await pause(backOffMs(this.failures++, receiverBackOff), this.ended.signal);
      },
    };
  }

  private workerFor({ fullyQualifiedNamespace, eventHubName, consumerGroup, partitionId }: PartitionContext) {
    const key = { namespace: fullyQualifiedNamespace, eventHubName, consumerGroup, partitionId };
    return new PartitionWorker({
      partitionId,
      processor: this.options.processor,
      gatherMs: this.options.gatherMs ?? 0,
      fullBatch: this.maxBatchSize,
      lease: () => this.options.store.lease(key, this.owner),
      isOvertaken: (lease) => this.options.store.isOvertaken(lease),
      seenGapBefore: (sequenceNumber) => {
        const before = this.gaps.get(partitionId) === sequenceNumber;
        this.gaps.set(partitionId, sequenceNumber);
        return before;
      },
      events: this.options.events,
      logger: this.logger,
    });
  }
}

/** Neither worth a retry to the SDK nor the usual farewell: a position past the hub's end, a group that is not there. */
function endsPartition(error: Error & { retryable?: boolean; code?: string }): boolean {
  const usual = ['ReceiverDisconnectedError', 'PARTITION_STOPPED'];
  return error.retryable !== true && error.name !== 'AbortError' && !usual.includes(error.code ?? '');
}
