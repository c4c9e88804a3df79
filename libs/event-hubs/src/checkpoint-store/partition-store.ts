import type { CheckpointStore } from '@azure/event-hubs';

/** A partition as one consumer group sees it: another namespace is another stream, with positions of its own. */
export interface PartitionKey {
  namespace: string;
  eventHubName: string;
  consumerGroup: string;
  partitionId: string;
}

/** The right to move a partition's position, good until somebody raises the epoch. */
export interface PartitionLease extends PartitionKey {
  owner: string;
  epoch: number;
  /** Raised by a replay; the inbox belongs to it. */
  generation: number;
  /** Events up to this sequence number were read in an earlier generation; -1 before the first replay. */
  replayUntil: number;
  /** Whether effects outside the database are wanted of what is read again. */
  replayEffects: boolean;
  /** The last event that is done, -1 before the first. */
  sequenceNumber: number;
  offset: string | undefined;
}

/** Where a group stands in a partition; without an offset where a replay has put it. */
export interface PartitionPosition {
  partitionId: string;
  sequenceNumber: number;
  offset: string | undefined;
}

/** The SDK's CheckpointStore, and what it lacks: positions without an offset, and a lease that fences writes. */
export interface PartitionStore extends CheckpointStore {
  listPositions(...stream: Parameters<CheckpointStore['listCheckpoints']>): Promise<PartitionPosition[]>;
  /** Whether the last look at the ownership has shown a newer epoch: the partition is to be read from elsewhere. */
  isOvertaken(lease: PartitionLease): boolean;
  /**
   * Begins to read a partition that `owner` has claimed: raises the epoch, so that an earlier reader's writes fail.
   * @throws {FencedError} when it has been claimed by another in the meantime.
   */
  lease(key: PartitionKey, owner: string): Promise<PartitionLease>;
  /** Gives up the ownership of one partition, or of all: the next to look may have it. */
  release(owner: string, partitionId?: string): Promise<void>;
  close(): Promise<void>;
}
