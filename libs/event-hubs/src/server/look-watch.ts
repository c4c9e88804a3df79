import { type CheckpointStore, earliestEventPosition, type EventPosition } from '@azure/event-hubs';
import type { PartitionStore } from '../checkpoint-store/partition-store.js';

/**
 * Notes when the SDK last looked at the partitions. Its look begins with a management request that ignores our retry
 * options and sleeps 30 s after a failure: a look that is overdue is the sign that the engine has gone, and the only one.
 */
export class LookWatch implements CheckpointStore {
  lastLookAt = performance.now();
  /** Where the SDK begins to read a partition of which it knows no checkpoint; it holds on to this object. */
  readonly startPositions: Record<string, EventPosition> = {};

  readonly claimOwnership: CheckpointStore['claimOwnership'];
  readonly updateCheckpoint: CheckpointStore['updateCheckpoint'];
  readonly listCheckpoints: CheckpointStore['listCheckpoints'];
  readonly listOwnership: CheckpointStore['listOwnership'];

  constructor(store: PartitionStore) {
    this.claimOwnership = (ownership) => store.claimOwnership(ownership);
    this.updateCheckpoint = (checkpoint) => store.updateCheckpoint(checkpoint);
    this.listCheckpoints = async (...stream) => {
      // A replay begins at a sequence number, whereas a checkpoint of the SDK is an offset.
      for (const { partitionId, sequenceNumber, offset } of await store.listPositions(...stream)) {
        this.startPositions[partitionId] =
          offset === undefined && sequenceNumber >= 0
            ? { sequenceNumber, isInclusive: false }
            : earliestEventPosition;
      }
      return store.listCheckpoints(...stream);
    };
    this.listOwnership = (...stream) => {
      this.lastLookAt = performance.now();
      return store.listOwnership(...stream);
    };
  }
}
