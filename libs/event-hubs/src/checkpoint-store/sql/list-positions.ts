import type { PartitionKey } from '../partition-store.js';
import type { OwnershipSession } from '../ownership-session.js';

export interface CheckpointRow {
  partition_id: string;
  sequence_number: string;
  event_offset: string;
}

/** Positions to go on from; a partition of which nothing is done yet has none. */
export function listPositions(
  session: OwnershipSession,
  { namespace, eventHubName, consumerGroup }: Omit<PartitionKey, 'partitionId'>,
): Promise<CheckpointRow[]> {
  return session.query<CheckpointRow>(
    `SELECT partition_id, sequence_number, event_offset FROM partition_position
      WHERE namespace = $1 AND event_hub = $2 AND consumer_group = $3 AND event_offset IS NOT NULL`,
    [namespace, eventHubName, consumerGroup],
  );
}
