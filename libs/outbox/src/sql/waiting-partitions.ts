import type { StatementRunner } from '@app/event-hubs';

/** Partitions with rows to send: one index probe each, however long the outbox is. */
export async function waitingPartitions(runner: StatementRunner, partitionCount: number): Promise<number[]> {
  const rows = (await runner.query(
    `SELECT p AS partition_id FROM generate_series(0, $1 - 1) AS p
      WHERE EXISTS (SELECT FROM outbox WHERE partition_id = p)`,
    [partitionCount],
  )) as { partition_id: number }[];
  return rows.map((row) => row.partition_id);
}
