import type { ReceivedEventData } from '@azure/event-hubs';
import type { PartitionLease } from '../checkpoint-store/partition-store.js';

/** Events of one partition in order, at most `maxBatchSize`; none at least once a second, as a tick. */
export interface PartitionBatch {
  lease: PartitionLease;
  events: readonly ReceivedEventData[];
  /** Given when the partition is taken away or the process ends: do not begin anything new. */
  signal: AbortSignal;
}

/** What becomes of the events of the partitions this process owns. One batch of a partition at a time. */
export interface PartitionProcessor {
  /** A partition is ours, to be read on from `lease.sequenceNumber`. */
  opened?(lease: PartitionLease): Promise<void> | void;

  /**
   * Resolves when the batch is done for good, and has moved `lease` with it.
   *
   * A {@link FencedError} ends the partition here. Any other error means that something the processor needs is away: the
   * same batch is handed over again after a pause.
   */
  process(batch: PartitionBatch): Promise<void>;

  /** The partition is no longer ours; nothing of it is being processed any more. */
  closed?(lease: PartitionLease): Promise<void> | void;
}
