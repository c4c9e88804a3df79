import type { CheckpointStore } from '@azure/event-hubs';

/**
 * Notes when the SDK last looked at the partitions. Its look begins with a management request that ignores our retry
 * options and sleeps 30 s after a failure: a look that is overdue is the sign that the engine has gone, and the only one.
 */
export class LookWatch implements CheckpointStore {
  lastLookAt = performance.now();

  readonly claimOwnership: CheckpointStore['claimOwnership'];
  readonly updateCheckpoint: CheckpointStore['updateCheckpoint'];
  readonly listCheckpoints: CheckpointStore['listCheckpoints'];
  readonly listOwnership: CheckpointStore['listOwnership'];

  constructor(store: CheckpointStore) {
    this.claimOwnership = (ownership) => store.claimOwnership(ownership);
    this.updateCheckpoint = (checkpoint) => store.updateCheckpoint(checkpoint);
    this.listCheckpoints = (...stream) => store.listCheckpoints(...stream);
    this.listOwnership = (...stream) => {
      this.lastLookAt = performance.now();
      return store.listOwnership(...stream);
    };
  }
}
