import type { EntityManager } from 'typeorm';
import type { OutboxRows } from '../outbox-rows.js';

/** One statement, however many events. */
export async function insertRows(manager: EntityManager, rows: OutboxRows): Promise<void> {
  await manager.query(
    `INSERT INTO outbox (partition_id, event_id, subject, customerversion, attributes, body)
     SELECT partition_id, event_id, subject, customerversion, attributes::jsonb, body
       FROM unnest($1::smallint[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::text[])
            WITH ORDINALITY AS r (partition_id, event_id, subject, customerversion, attributes, body, place)
      ORDER BY place`,
    [rows.partition_id, rows.event_id, rows.subject, rows.customerversion, rows.attributes, rows.body],
  );
}
