import type { EventEmitter } from 'node:events';
import type { PartitionStore } from '../checkpoint-store/partition-store.js';
import type { EventHubsSettings } from '../settings.js';
import type { EventHubsEvents } from './event-hubs.events.js';
import type { PartitionProcessor } from './partition-processor.js';

export interface SubscriptionOptions {
  settings: EventHubsSettings;
  consumerGroup: string;
  store: PartitionStore;
  processor: PartitionProcessor;
  events: EventEmitter<EventHubsEvents>;
  /** Events handed over at once, at most; 500 unless told. */
  maxBatchSize?: number;
  /**
   * What comes within this time of the begin of a batch that was not full waits for its end and comes together, in
   * milliseconds; 0 unless told. What comes after a silence is never held up.
   */
  gatherMs?: number;
  /** Events the client library fetches ahead, a partition; 1,500 unless told. */
  prefetchCount?: number;
  /** How often the SDK looks for partitions to claim and renews its own; 1 s unless told. */
  lookIntervalMs?: number;
  /** Silence after which a living process loses its partitions, 6 s unless told; one that has died loses them at the next look. */
  ownershipExpiryMs?: number;
}
