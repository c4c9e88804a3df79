import type { PartitionLease } from '../checkpoint-store/partition-store.js';

/** What happens to a subscription, for metrics, tests and whoever waits for a state. */
export interface EventHubsEvents {
  /** The engine answers and partitions are being looked for. */
  connected: [];
  /** The engine is away; it is being tried again. */
  disconnected: [];
  /** A partition has become ours. */
  partitionInitialised: [lease: PartitionLease];
  /** A partition is no longer ours, or the process ends. */
  partitionClosed: [partitionId: string];
  /** A write of ours was refused because the partition has another owner or a newer epoch. */
  fenced: [partitionId: string];
  /** Something the processor needs is away; the batch waits. */
  paused: [partitionId: string, cause: unknown];
  /** The batch that waited has been done. */
  resumed: [partitionId: string];
}

export type EventHubsListeners = {
  [Name in keyof EventHubsEvents]: (...values: EventHubsEvents[Name]) => void;
};
