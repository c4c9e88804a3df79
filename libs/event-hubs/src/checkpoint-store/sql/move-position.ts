import type { PartitionLease } from '../partition-store.js';

/** Anything that runs a statement and answers its rows: the ownership session, or TypeORM's manager in a transaction. */
export interface StatementRunner {
  query(sql: string, parameters: unknown[]): Promise<unknown>;
}

/**
 * The fence: moves the position on, if it is still where the lease says and the lease still holds; no row otherwise.
 * Takes {@link movePositionParameters}, $1 to $10.
 */
export const movePositionSql = `
  UPDATE partition_position SET sequence_number = $8, event_offset = $9, updated_at = now()
   WHERE namespace = $1 AND event_hub = $2 AND consumer_group = $3 AND partition_id = $4
     AND owner_id = $5 AND epoch = $6 AND generation = $7 AND sequence_number = $10
  RETURNING generation`;

export function movePositionParameters(
  lease: PartitionLease,
  to: { sequenceNumber: number; offset: string },
): unknown[] {
  return [
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
  ];
}

/** The fenced write alone. `false` says that another reader has taken over. */
export async function movePosition(
  runner: StatementRunner,
  lease: PartitionLease,
  to: { sequenceNumber: number; offset: string },
): Promise<boolean> {
  const rows = (await runner.query(
    `WITH moved AS (${movePositionSql}) SELECT count(*)::int AS moved FROM moved`,
    movePositionParameters(lease, to),
  )) as { moved: number }[];
  return rows[0]?.moved === 1;
}
