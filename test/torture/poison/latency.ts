import type { Client } from 'pg';

/** By the clock of the database, where all of it is on one machine. */
export async function nowIn(client: Client): Promise<Date> {
  const { rows } = await client.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return rows[0]?.now ?? new Date(0);
}

/**
 * From a write, whose moment is in its event's id (UUIDv7), to the transaction that noted its notice, in milliseconds: the
 * 99th of 100, over all customers besides `without`, with how many there were.
 */
export async function p99(
  notifications: Client,
  [from, to]: readonly [Date, Date],
  without: readonly string[],
): Promise<{ ms: number; events: number }> {
  const { rows } = await notifications.query<{ ms: number | null; events: number }>(
    `WITH seen AS (
       SELECT extract(epoch FROM created_at - uuid_extract_timestamp(event_id::uuid))::float8 * 1000 AS ms
         FROM notification WHERE created_at BETWEEN $1 AND $2 AND customer_id <> ALL($3::text[])
     )
     SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY ms) AS ms, count(*)::int AS events FROM seen`,
    [from, to, without],
  );
  return { ms: rows[0]?.ms ?? Number.NaN, events: rows[0]?.events ?? 0 };
}
