import type { Sql } from '../sql.js';

/** Advisory locks of this class are customers'; the number is arbitrary, but ours. */
const customerLockClass = 7_104_026;

/**
 * An erasure waits for the workers that make a record of the customer's, and they for it, until their transactions end: it
 * sees no record that is not committed, and has nothing to lock of it.
 */
export async function lockForErasure(sql: Sql, customerId: string): Promise<void> {
  await sql.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [customerLockClass, customerId]);
}

/**
 * Holds erasures of these customers off until the transaction ends.
 * @returns those of them that are not being erased at this moment; with `wait` all, once they are not
 */
export async function holdErasureOff(
  sql: Sql,
  customerIds: readonly string[],
  { wait }: { wait: boolean },
): Promise<Set<string>> {
  const lock = wait ? 'pg_advisory_xact_lock_shared' : 'pg_try_advisory_xact_lock_shared';
  const rows = await sql.query<{ id: string; held: boolean | '' }[]>(
    `SELECT id, ${lock}($1, hashtext(id)) AS held FROM unnest($2::text[]) AS customer (id)`,
    [customerLockClass, [...new Set(customerIds)].sort()],
  );
  return new Set(rows.filter(({ held }) => held !== false).map(({ id }) => id));
}
