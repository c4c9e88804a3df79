import { v7 as uuidv7 } from 'uuid';
import type { Sql } from '../sql.js';
import type { Match } from './matcher.js';

/** One row an event, one a delivery, in one statement: in the transaction that takes the events. */
export async function writeDeliveries(sql: Sql, matches: readonly Match[], now: Date): Promise<void> {
  if (matches.length === 0) return;
  const events = matches.map(({ event, subscriptionIds }) => ({ key: uuidv7(), event, subscriptionIds }));
  const deliveries = events.flatMap(({ key, subscriptionIds }) => subscriptionIds.map((id) => ({ key, id })));
  await sql.query(
    `WITH event AS (
       INSERT INTO grid_event (id, subject, attributes, data)
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::jsonb[], $4::text[]))
     INSERT INTO delivery (event_key, subscription_id, published_at, next_at)
     SELECT given.*, $7, $7 FROM unnest($5::uuid[], $6::bigint[]) AS given (event_key, subscription_id)
       JOIN event_subscription s ON s.id = given.subscription_id`,
    [
      events.map(({ key }) => key),
      events.map(({ event }) => event.attributes.subject ?? null),
      events.map(({ event }) => JSON.stringify(event.attributes)),
      events.map(({ event }) => (event.data === undefined ? null : JSON.stringify(event.data))),
      deliveries.map(({ key }) => key),
      deliveries.map(({ id }) => id),
      now,
    ],
  );
}
