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
 * The oldest rows of a partition that are committed now. There is no cursor: an id that was taken early and committed
 * late is found whenever it appears.
 */
export async function selectBatch(
  runner: QueryRunner,
  partitionId: number,
  limit: number,
): Promise<OutboxRow[]> {
  const rows = await runner.query(
    `SELECT id, event_id, subject, customerversion, attributes, body
       FROM outbox WHERE partition_id = $1 ORDER BY id LIMIT $2`,
    [partitionId, limit],
  );
  return rows as OutboxRow[];
}
