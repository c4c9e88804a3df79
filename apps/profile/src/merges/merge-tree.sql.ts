import type { EntityManager } from 'typeorm';

/** Everybody who lives on in a customer at the moment: its duplicates, theirs, and so on; not the customer itself. */
export async function mergedInto(manager: EntityManager, survivorId: string): Promise<string[]> {
  const rows = await manager.query<{ id: string }[]>(
    `WITH RECURSIVE below AS (
       SELECT id FROM customer WHERE merged_into = $1
       UNION ALL
       SELECT c.id FROM customer c JOIN below ON c.merged_into = below.id
     ) SELECT id FROM below ORDER BY id`,
    [survivorId],
  );
  return rows.map(({ id }) => id);
}

/** In whom a merged duplicate lives on, and by which merge it became one; nothing for everybody else. */
export async function survivorOf(
  manager: EntityManager,
  duplicateId: string,
): Promise<{ survivorId: string; mergeId: string } | undefined> {
  const [row] = await manager.query<{ survivorId: string; mergeId: string }[]>(
    `WITH RECURSIVE above AS (
       SELECT merged_into AS id, 1 AS height FROM customer WHERE id = $1 AND merged_into IS NOT NULL
       UNION ALL
       SELECT c.merged_into, height + 1 FROM customer c JOIN above ON c.id = above.id WHERE c.merged_into IS NOT NULL
     )
     SELECT above.id AS "survivorId", m.id AS "mergeId"
       FROM above, customer_merge m WHERE m.duplicate_id = $1 AND m.reverted_at IS NULL
      ORDER BY height DESC LIMIT 1`,
    [duplicateId],
  );
  return row;
}

/** Forgets the values that the reverts of erased customers would need: what an erasure leaves of a merge is that there was one. */
export async function forgetMerges(manager: EntityManager, erasedIds: readonly string[]): Promise<void> {
  await manager.query(
    `UPDATE customer_merge
        SET taken = coalesce((SELECT jsonb_agg(one - 'value' - 'before') FROM jsonb_array_elements(taken) AS one), '[]')
      WHERE reverted_at IS NULL AND (survivor_id = ANY ($1) OR duplicate_id = ANY ($1))`,
    [erasedIds],
  );
}
