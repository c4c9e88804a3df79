import type { PartitionLease, StatementRunner } from '@app/event-hubs';
import type { WantedEvent } from '../../runtime/select-events.js';
import { customerOf } from '../divide.js';

/** Takes away everything that waits for customers who are erased: bodies go, ids are remembered. */
export async function dropCustomers(
  runner: StatementRunner,
  customerIds: readonly string[],
  { generation }: Pick<PartitionLease, 'generation'>,
  alsoDropped: readonly WantedEvent[],
): Promise<void> {
  await runner.query(
    `WITH gone AS (
       DELETE FROM set_aside_event WHERE customer_id = ANY($1::text[])
       RETURNING key, generation, customer_id, event_id, source, type
     )
     INSERT INTO set_aside_end (key, generation, customer_id, event_id, source, type, outcome)
     SELECT key, generation, customer_id, event_id, source, type, 'erased' FROM gone
      UNION ALL
     SELECT key, $2::int, customer_id, event_id, source, type, 'erased'
       FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
            AS dropped (key, customer_id, event_id, source, type)
     ON CONFLICT DO NOTHING`,
    [
      customerIds,
      generation,
      alsoDropped.map(({ key }) => key),
      alsoDropped.map(customerOf),
      alsoDropped.map(({ attributes }) => attributes.id),
      alsoDropped.map(({ attributes }) => attributes.source),
      alsoDropped.map(({ attributes }) => attributes.type),
    ],
  );
  // Why somebody discarded an event may speak of the customer.
  await runner.query(
    'UPDATE set_aside_end SET reason = NULL WHERE customer_id = ANY($1::text[]) AND reason IS NOT NULL',
    [customerIds],
  );
  await runner.query('DELETE FROM set_aside_customer WHERE customer_id = ANY($1::text[])', [customerIds]);
}
