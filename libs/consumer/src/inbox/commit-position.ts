import type { PartitionLease, StatementRunner } from '@app/event-hubs';

/**
 * The last statement of a batch's transaction: moves the position, fenced by owner, epoch, generation and the place it
 * was at, and notes the handled events. `false`: another reader has taken over, nothing was written, roll back.
 */
export async function commitPosition(
  runner: StatementRunner,
  lease: PartitionLease,
  to: { sequenceNumber: number; offset: string },
  keys: readonly string[],
): Promise<boolean> {
  const rows = (await runner.query(
    `WITH moved AS (
       UPDATE partition_position SET sequence_number = $8, event_offset = $9, updated_at = now()
        WHERE namespace = $1 AND event_hub = $2 AND consumer_group = $3 AND partition_id = $4
          AND owner_id = $5 AND epoch = $6 AND generation = $7 AND sequence_number = $10
       RETURNING generation
     ), noted AS (
       INSERT INTO inbox (event_id, generation)
       SELECT key, moved.generation FROM moved, unnest($11::uuid[]) AS key
     )
     SELECT count(*)::int AS moved FROM moved`,
    [
      lease.namespace,
      lease.eventHubName,
      lease.consumerGroup,
      lease.partitionId,
      lease.owner,
      lease.epoch,
      lease.generation,
      to.sequenceNumber,
      to.offset,
      lease.sequenceNumber,
      keys,
    ],
  )) as { moved: number }[];
  return rows[0]?.moved === 1;
}
