import type { Sql } from '../sql.js';
import type { Claimed } from './claim-deliveries.js';

/**
 * What is still held or under way stays this process's, as far as it still is.
 * @returns the ids of those that are
 */
export async function extendClaims(
  sql: Sql,
  claims: readonly Pick<Claimed, 'id' | 'attempt'>[],
  leaseMs: number,
): Promise<Set<string>> {
  if (claims.length === 0) return new Set();
  const [rows] = await sql.query<[{ id: string }[], number]>(
    `UPDATE delivery d SET locked_until = clock_timestamp() + $3 * interval '1 ms'
       FROM unnest($1::bigint[], $2::integer[]) AS c (id, attempt)
      WHERE d.id = c.id AND d.attempts = c.attempt AND d.state = 'waiting'
     RETURNING d.id`,
    [claims.map(({ id }) => id), claims.map(({ attempt }) => attempt), leaseMs],
  );
  return new Set(rows.map(({ id }) => id));
}
