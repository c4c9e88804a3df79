import type { Sql } from '../sql.js';
import type { Claimed } from './claim-deliveries.js';

/**
 * What is still held or under way stays this process's, as far as it still is. Waits for no row: one that is being settled
 * just then needs no more time, and two statements that wait for each other's rows would cost somebody's settlement.
 * @returns the ids of those that are
 */
export async function extendClaims(
  sql: Sql,
  claims: readonly Pick<Claimed, 'id' | 'attempt'>[],
  leaseMs: number,
): Promise<Set<string>> {
  if (claims.length === 0) return new Set();
  const [rows] = await sql.query<[{ id: string }[], number]>(
    `WITH mine AS (
       SELECT d.id FROM delivery d JOIN unnest($1::bigint[], $2::integer[]) AS c (id, attempt) ON d.id = c.id
        WHERE d.attempts = c.attempt AND d.state = 'waiting' FOR UPDATE OF d SKIP LOCKED)
     UPDATE delivery d SET locked_until = clock_timestamp() + $3 * interval '1 ms' FROM mine WHERE d.id = mine.id
     RETURNING d.id`,
    [claims.map(({ id }) => id), claims.map(({ attempt }) => attempt), leaseMs],
  );
  return new Set(rows.map(({ id }) => id));
}
