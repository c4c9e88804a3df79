import type { EventAttributes } from '@app/contracts';
import type { QueryRunner } from 'typeorm';

export interface OutboxRow {
  /** A bigint as text. */
  id: string;
  event_id: string;
  subject: string;
  customerversion: number | null;
  attributes: EventAttributes;
  body: string;
}

/**
 * The oldest rows of a partition that are committed now, at least one if there is any. There is no cursor: an id that was
 * taken early and committed late is found whenever it appears.
 * @param bytes no further row is taken once the bodies have so many
 */
export async function selectBatch(
  runner: QueryRunner,
  partitionId: number,
  limit: { rows: number; bytes: number },
): Promise<OutboxRow[]> {
  const rows = await runner.query(
    `SELECT id, event_id, subject, customerversion, attributes, body
       FROM (SELECT *, sum(octet_length(body)) OVER (ORDER BY id) - octet_length(body) AS bytes_before
               FROM (SELECT * FROM outbox WHERE partition_id = $1 ORDER BY id LIMIT $2) AS oldest) AS measured
      WHERE bytes_before < $3
      ORDER BY id`,
    [partitionId, limit.rows, limit.bytes],
  );
  return rows as OutboxRow[];
}
