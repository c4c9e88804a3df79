import { dueSql } from '@app/database';
import type { StatementRunner } from '@app/event-hubs';

/**
 * Customers whose next try is due, longest overdue first; looked at without a lock.
 * @param longestPauseMs see `longestPause`
 */
export async function findDue(
  runner: StatementRunner,
  limit: number,
  longestPauseMs: number,
): Promise<string[]> {
  const rows = (await runner.query(
    `SELECT customer_id FROM set_aside_customer
      WHERE state = 'retrying' AND ${dueSql('next_at', '$2::float8')} ORDER BY next_at LIMIT $1`,
    [limit, longestPauseMs],
  )) as { customer_id: string }[];
  return rows.map(({ customer_id }) => customer_id);
}

/** Milliseconds until the next try is due, by the database's clock; undefined when none is planned. */
export async function nextDueMs(runner: StatementRunner): Promise<number | undefined> {
  const [row] = (await runner.query(
    `SELECT (extract(epoch FROM min(next_at) - now()) * 1000)::float8 AS ms
       FROM set_aside_customer WHERE state = 'retrying'`,
    [],
  )) as { ms: number | null }[];
  return row?.ms ?? undefined;
}
