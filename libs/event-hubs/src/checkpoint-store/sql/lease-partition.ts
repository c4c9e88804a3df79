import type { PartitionKey, PartitionLease } from '../partition-store.js';
import type { OwnershipSession } from '../ownership-session.js';

interface PositionRow {
  epoch: string;
  generation: number;
  replay_until: string;
  replay_effects: boolean;
  sequence_number: string;
  event_offset: string | null;
}

/** Raises the epoch of a position that `owner` holds; undefined when it is another's by now. */
export async function leasePartition(
  session: OwnershipSession,
  key: PartitionKey,
  owner: string,
): Promise<PartitionLease | undefined> {
  const [row] = await session.query<PositionRow>(
    `UPDATE partition_position SET epoch = epoch + 1
      WHERE namespace = $1 AND event_hub = $2 AND consumer_group = $3 AND partition_id = $4 AND owner_id = $5
      RETURNING epoch, generation, replay_until, replay_effects, sequence_number, event_offset`,
    [key.namespace, key.eventHubName, key.consumerGroup, key.partitionId, owner],
  );
  return (
    row && {
      ...key,
      owner,
      epoch: Number(row.epoch),
      generation: row.generation,
      replayUntil: Number(row.replay_until),
      replayEffects: row.replay_effects,
      sequenceNumber: Number(row.sequence_number),
      offset: row.event_offset ?? undefined,
    }
  );
}
