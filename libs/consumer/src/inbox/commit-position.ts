import {
  movePositionParameters,
  movePositionSql,
  type PartitionLease,
  type StatementRunner,
} from '@app/event-hubs';

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
    `WITH moved AS (${movePositionSql}), noted AS (
       INSERT INTO inbox (event_id, generation)
       SELECT key, moved.generation FROM moved, unnest($11::uuid[]) AS key
     )
     SELECT count(*)::int AS moved FROM moved`,
    [...movePositionParameters(lease, to), keys],
  )) as { moved: number }[];
  return rows[0]?.moved === 1;
}
