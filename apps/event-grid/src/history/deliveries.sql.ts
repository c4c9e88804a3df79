import type { Sql } from '../sql.js';
import type { DeliveryRow } from './delivery.dto.js';

const columns = `d.id, d.state, d.attempts, d.published_at, d.next_at, d.settled_at, d.dead_letter_reason, d.history,
                 e.attributes, e.data`;

export interface Wanted {
  subscriptionId: string;
  state?: DeliveryRow['state'] | undefined;
  eventId?: string | undefined;
  /** The id a page ended with. */
  before: string | undefined;
  limit: number;
}

/** Newest first. */
export function listDeliveries(
  sql: Sql,
  { subscriptionId, state, eventId, before, limit }: Wanted,
): Promise<DeliveryRow[]> {
  return sql.query<DeliveryRow[]>(
    `SELECT ${columns} FROM delivery d JOIN grid_event e ON e.id = d.event_key
      WHERE d.subscription_id = $1 AND ($2::bigint IS NULL OR d.id < $2)
        AND ($3::text IS NULL OR d.state = $3) AND ($4::text IS NULL OR e.attributes ->> 'id' = $4)
      ORDER BY d.id DESC LIMIT $5`,
    [subscriptionId, before ?? null, state ?? null, eventId ?? null, limit],
  );
}

/** Dead letters wait again, their attempts and their time to live beginning anew. @param ids all where it is undefined */
export async function redrive(
  sql: Sql,
  subscriptionId: string,
  ids: readonly string[] | undefined,
  now: Date,
): Promise<number> {
  const [, count] = await sql.query<[unknown, number]>(
    `UPDATE delivery SET state = 'waiting', attempts = 0, published_at = $3, next_at = $3, settled_at = NULL,
            dead_letter_reason = NULL, locked_until = '-infinity'
      WHERE subscription_id = $1 AND state = 'dead' AND ($2::bigint[] IS NULL OR id = ANY ($2))`,
    [subscriptionId, ids ?? null, now],
  );
  return count;
}

/** A dead letter is given up. @returns whether there was one */
export async function discard(sql: Sql, subscriptionId: string, id: string): Promise<boolean> {
  const [, count] = await sql.query<[unknown, number]>(
    `DELETE FROM delivery WHERE subscription_id = $1 AND id = $2 AND state = 'dead'`,
    [subscriptionId, id],
  );
  return count > 0;
}
