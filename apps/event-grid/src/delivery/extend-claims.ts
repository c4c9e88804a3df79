import type { Sql } from '../sql.js';

/** What is still under way stays this process's. */
export async function extendClaims(sql: Sql, ids: readonly string[], leaseMs: number): Promise<void> {
  if (ids.length === 0) return;
  await sql.query(
    `UPDATE delivery SET locked_until = clock_timestamp() + $2 * interval '1 ms'
      WHERE id = ANY ($1::bigint[]) AND state = 'waiting'`,
    [ids, leaseMs],
  );
}
