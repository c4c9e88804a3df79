import type { StatementRunner } from '@app/event-hubs';

export interface PartitionRow {
  partitionId: string;
  owner: string | null;
  sequenceNumber: number;
  /** Raised by each replay. */
  generation: number;
  updatedAt: Date;
}

/** Every partition that this group has ever owned, whichever process reads it now. */
export async function listPartitions(
  runner: StatementRunner,
  consumerGroup: string,
): Promise<PartitionRow[]> {
  const rows = await runner.query(
    `SELECT p.partition_id AS "partitionId", nullif(o.owner_id, '') AS owner,
            p.sequence_number::float8 AS "sequenceNumber", p.generation, p.updated_at AS "updatedAt"
       FROM partition_position p
       LEFT JOIN partition_ownership o USING (namespace, event_hub, consumer_group, partition_id)
      WHERE p.consumer_group = $1
      ORDER BY length(p.partition_id), p.partition_id`,
    [consumerGroup],
  );
  return rows as PartitionRow[];
}
