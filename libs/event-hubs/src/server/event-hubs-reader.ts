import {
  EventHubConsumerClient,
  type EventPosition,
  type ReceivedEventData,
  type Subscription,
  earliestEventPosition,
  latestEventPosition,
} from '@azure/event-hubs';
import { Logger } from '@nestjs/common';
import { backOffMs, messageOf, pause, SparingLog, within } from '@app/service-defaults';
import { oneAttempt } from '../client-library/one-attempt.js';
import { type Wanted, whatIsMissing } from '../client-library/what-is-missing.js';
import type { EventHubsSettings } from '../settings.js';

export interface EventHubsReaderOptions {
  settings: EventHubsSettings;
  consumerGroup: string;
  /** Where to begin, in each partition: `last` is so many events before its end. Nothing is remembered across a restart. */
  from: 'earliest' | 'latest' | { last: number };
  /** What comes within this time of the last events of a partition comes together; 0 ms unless told. */
  gatherMs?: number;
  /** Events of one partition in order. What it throws is logged; the reader goes on. */
  onEvents: (events: readonly ReceivedEventData[], partitionId: string) => Promise<void> | void;
}

const maxBatchSize = 500;
const backOff = { baseMs: 100, maxMs: 1_000 };

/**
 * Looks on: reads every partition of a hub without owning any, for pages and tools that keep no position. Up to five
 * readers of a partition and group may do so side by side.
 */
export class EventHubsReader {
  private readonly logger = new Logger('EventHubsReader');
  private readonly errors = new SparingLog(this.logger);
  private readonly closing = new AbortController();
  private readonly client: EventHubConsumerClient;
  private subscriptions: Subscription[] = [];
  private started: Promise<void> | undefined;

  constructor(private readonly options: EventHubsReaderOptions) {
    const { settings, consumerGroup } = options;
    this.client = new EventHubConsumerClient(
      consumerGroup,
      settings.connectionString,
      settings.eventHubName,
      {
        retryOptions: { ...oneAttempt },
        loadBalancingOptions: { updateIntervalInMs: 1_000 },
      },
    );
  }

  start(): void {
    this.started ??= this.run();
  }

  /** Whether the engine has been reached and its partitions are being read. */
  get running(): boolean {
    return this.subscriptions.length > 0;
  }

  /** Resolves when every partition is being read. */
  async whenStarted(): Promise<void> {
    await this.started;
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.started;
    await within(1_500, Promise.all(this.subscriptions.map((subscription) => subscription.close())));
    await within(1_000, this.client.close());
    this.subscriptions = [];
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    let told: string | undefined;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        const ids = await this.client.getPartitionIds({ abortSignal: signal });
        const positions = await Promise.all(ids.map((id) => this.startOf(id)));
        this.subscriptions = ids.map((id, index) => this.read(id, positions[index]));
        return;
      } catch (error) {
        const missing = whatIsMissing(error, this.wanted, 'hub');
        if (signal.aborted) return;
        if (missing !== undefined && missing !== told) this.logger.error(missing);
        else if (failures === 0)
          this.logger.warn(`the Event Hubs engine is away, trying on: ${messageOf(error)}`);
        told = missing ?? told;
        await pause(backOffMs(failures, backOff), signal);
      }
    }
  }

  private get wanted(): Wanted {
    const { settings, consumerGroup } = this.options;
    return { ...settings, consumerGroup, right: 'Listen' };
  }

  private async startOf(partitionId: string): Promise<EventPosition> {
    const { from } = this.options;
    if (from === 'earliest') return earliestEventPosition;
    if (from === 'latest') return latestEventPosition;
    const { lastEnqueuedSequenceNumber, beginningSequenceNumber, isEmpty } =
      await this.client.getPartitionProperties(partitionId);
    const sequenceNumber = lastEnqueuedSequenceNumber - from.last + 1;
    if (isEmpty || sequenceNumber <= beginningSequenceNumber) return earliestEventPosition;
    return { sequenceNumber, isInclusive: true };
  }

  /** A reader of one partition asks for no ownership, and begins again by itself where the last checkpoint was. */
  private read(partitionId: string, startPosition: EventPosition | undefined): Subscription {
    let failures = 0;
    return this.client.subscribe(
      partitionId,
      {
        processEvents: async (events, context) => {
          failures = 0;
          const last = events.at(-1);
          if (!last) return;
          try {
            await this.options.onEvents(events, partitionId);
          } catch (error) {
            this.logger.error(`reading partition ${partitionId}: ${String(error)}`);
          }
          await context.updateCheckpoint(last);
          const { gatherMs = 0 } = this.options;
          if (gatherMs > 0 && events.length < maxBatchSize) await pause(gatherMs, this.closing.signal);
        },
        processError: (error) => {
          const missing = whatIsMissing(error, this.wanted, 'group');
          if (missing !== undefined) this.errors.warn(missing);
          return pause(backOffMs(failures++, backOff), this.closing.signal);
        },
      },
      {
        startPosition,
        maxBatchSize,
        prefetchCount: 1_500,
        maxWaitTimeInSeconds: 1,
        skipParsingBodyAsJson: true,
      },
    );
  }
}
