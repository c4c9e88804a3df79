import type { EntityManager } from 'typeorm';
import type { MergeInForce, Taken } from '../domain/merge.js';

/** A value that was taken, and whose it is: the duplicate's, or of somebody merged into that one before. */
export interface TakenOf extends Taken {
  origin: string;
}

/** A merge, in force or reverted; without its values once it is reverted or erased. */
export interface Merge {
  id: string;
  survivorId: string;
  duplicateId: string;
  taken: (Omit<TakenOf, 'value'> & { value?: unknown })[];
  mergedAt: Date;
  mergedBy: string;
  revertedAt: Date | null;
  revertedBy: string | null;
}

const columns = `id, survivor_id AS "survivorId", duplicate_id AS "duplicateId", taken, merged_at AS "mergedAt",
  merged_by AS "mergedBy", reverted_at AS "revertedAt", reverted_by AS "revertedBy"`;

export async function findMerge(manager: EntityManager, id: string): Promise<Merge | undefined> {
  const [row] = await manager.query<Merge[]>(`SELECT ${columns} FROM customer_merge WHERE id = $1`, [id]);
  return row;
}

/** What a merge in force gave, with its values. */
export function valuesKept({ taken }: Merge): Taken[] {
  return taken.map((one) => ({ ...one, value: one.value }));
}

/** The merges in force that came to the same survivor after this one, oldest first. Hold the survivor. */
export async function mergesSince(
  manager: EntityManager,
  { id, survivorId }: Merge,
): Promise<MergeInForce[]> {
  return manager.query<MergeInForce[]>(
    `SELECT id, taken FROM customer_merge
      WHERE survivor_id = $1 AND reverted_at IS NULL
        AND position > (SELECT position FROM customer_merge WHERE id = $2)
      ORDER BY position`,
    [survivorId, id],
  );
}

export interface NewMerge {
  id: string;
  survivorId: string;
  duplicateId: string;
  taken: readonly TakenOf[];
  at: string;
  by: string;
}

/** Hold both customers. */
export async function insertMerge(manager: EntityManager, merge: NewMerge): Promise<void> {
  const { id, survivorId, duplicateId, taken, at, by } = merge;
  await manager.query(
    `WITH merged AS (UPDATE customer SET merged_into = $2 WHERE id = $3)
     INSERT INTO customer_merge (id, survivor_id, duplicate_id, taken, merged_at, merged_by)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [id, survivorId, duplicateId, JSON.stringify(taken), at, by],
  );
}

/** Ends a merge: the values that it kept are no longer needed. Hold both customers. */
export async function endMerge(manager: EntityManager, id: string, at: string, by: string): Promise<void> {
  await manager.query(
    `WITH ended AS (
       UPDATE customer_merge
          SET reverted_at = $2, reverted_by = $3,
              taken = coalesce((SELECT jsonb_agg(one - 'value' - 'before') FROM jsonb_array_elements(taken) AS one), '[]')
        WHERE id = $1 RETURNING duplicate_id
     ) UPDATE customer SET merged_into = NULL FROM ended WHERE customer.id = ended.duplicate_id`,
    [id, at, by],
  );
}

export async function keepTaken(manager: EntityManager, merges: readonly MergeInForce[]): Promise<void> {
  for (const { id, taken } of merges)
    await manager.query('UPDATE customer_merge SET taken = $2 WHERE id = $1', [id, JSON.stringify(taken)]);
}
