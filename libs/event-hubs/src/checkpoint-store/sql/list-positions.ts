import type { PartitionKey } from '../partition-store.js';
import type { OwnershipSession } from '../ownership-session.js';

export interface PositionRow {
  partition_id: string;
  sequence_number: string;
  /** Null where a replay begins: an offset is known of events that were read only. */
  event_offset: string | null;
}

/** Positions to go on from; a partition that nobody has read yet may have none. */
export function listPositions(
  session: OwnershipSession,
  { namespace, eventHubName, consumerGroup }: Omit<PartitionKey, 'partitionId'>,
): Promise<PositionRow[]> {
  return session.query<PositionRow>(
    `SELECT partition_id, sequence_number, event_offset FROM partition_position
      WHERE namespace = $1 AND event_hub = $2 AND consumer_group = $3`,
    [namespace, eventHubName, consumerGroup],
  );
}
