import type { Lent } from '@app/contracts';
import type { EntityManager } from 'typeorm';

/** One value that a customer has of another, as the driver hands it over. */
export interface LentRow {
  /** Who receives it. */
  survivorId: string;
  /** Whose it is: a duplicate, or somebody who had been merged into that one before. */
  origin: string;
  /** Base64. */
  key: string;
  path: string;
  value: unknown;
}

const values = `
  SELECT m.survivor_id AS "survivorId", given.item->>'origin' AS origin, encode(k.key, 'base64') AS key,
         given.item->>'path' AS path, given.item->'value' AS value
    FROM customer_merge m
   CROSS JOIN jsonb_array_elements(m.taken) AS given (item)
    JOIN personal_data_key k ON k.customer_id = (given.item->>'origin')::uuid AND k.key IS NOT NULL
   WHERE m.reverted_at IS NULL`;

/** For the select list of `customer c`, in the snapshot of that statement: JSON rows, or null for almost everybody. */
export const lentColumn = `(SELECT json_agg(lent) FROM (${values} AND m.survivor_id = c.id) AS lent) AS lent`;

/**
 * What others lent to customers that are held by this transaction. A statement of its own: one that waited for a row lock
 * sees the row as it is now, and everything else as it was before.
 */
export async function lentTo(manager: EntityManager, ids: readonly string[]): Promise<Map<string, Lent[]>> {
  const rows = await manager.query<LentRow[]>(`${values} AND m.survivor_id = ANY ($1)`, [ids]);
  return new Map(ids.map((id) => [id, lentOf(rows.filter((row) => row.survivorId === id))]));
}

export function lentOf(rows: readonly LentRow[] | null): Lent[] {
  const lenders = new Map<string, Lent>();
  for (const { origin, key, path, value } of rows ?? []) {
    const known = lenders.get(origin);
    const lent = known ?? { customerId: origin, key: Buffer.from(key, 'base64'), values: new Map() };
    lent.values.set(path, value);
    lenders.set(origin, lent);
  }
  return [...lenders.values()];
}
