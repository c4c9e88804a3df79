import type { NextState } from '../domain/delivery.js';
import type { Sql } from '../sql.js';

export type Settled = { id: string } & NextState;

/** Writes what became of the claimed ones; who is told keeps no copy of the content. */
export async function settleNotifications(sql: Sql, settled: readonly Settled[]): Promise<void> {
  await sql.query(
    `UPDATE notification
        SET status = settled.status, attempts = settled.attempts, reason = settled.reason,
            content = CASE WHEN settled.status = 'queued' THEN notification.content END,
            retry_at = now() + make_interval(secs => coalesce(settled.retry_in_ms, 0) / 1000.0),
            sent_at = CASE WHEN settled.status = 'sent' THEN clock_timestamp() END
       FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::integer[])
            AS settled (id, status, attempts, reason, retry_in_ms)
      WHERE notification.id = settled.id`,
    [
      settled.map((each) => each.id),
      settled.map((each) => each.status),
      settled.map((each) => each.attempts),
      settled.map((each) => each.reason),
      settled.map((each) => each.retryInMs),
    ],
  );
}
