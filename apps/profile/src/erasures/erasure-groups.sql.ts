import type { EntityManager } from 'typeorm';

/** Holds an erasure, so that the last two confirmations do not miss each other. */
export async function lockErasure(manager: EntityManager, id: string): Promise<boolean> {
  const rows = await manager.query<unknown[]>('SELECT FROM erasure WHERE id = $1 FOR UPDATE', [id]);
  return rows.length > 0;
}

/** Whether the erasure waits, or waited, for this group. The first confirmation counts. */
export async function confirmGroup(
  manager: EntityManager,
  erasureId: string,
  consumerGroup: string,
): Promise<boolean> {
  const [rows] = await manager.query<[unknown[], number]>(
    `UPDATE erasure_group SET confirmed_at = coalesce(confirmed_at, clock_timestamp())
      WHERE erasure_id = $1 AND consumer_group = $2 RETURNING erasure_id`,
    [erasureId, consumerGroup],
  );
  return rows.length > 0;
}

/** Ends an erasure that waits for nobody any more. Hold it first. */
export async function completeErasure(manager: EntityManager, erasureId: string): Promise<void> {
  await manager.query(
    `UPDATE erasure SET completed_at = clock_timestamp()
      WHERE id = $1 AND completed_at IS NULL
        AND NOT EXISTS (SELECT FROM erasure_group WHERE erasure_id = $1 AND confirmed_at IS NULL)`,
    [erasureId],
  );
}

/** A group that is gone for good has nothing left to confirm. */
export async function releaseGroup(manager: EntityManager, consumerGroup: string): Promise<void> {
  const waiting = await manager.query<{ id: string }[]>(
    `SELECT id FROM erasure
      WHERE id IN (SELECT erasure_id FROM erasure_group WHERE consumer_group = $1 AND confirmed_at IS NULL)
      ORDER BY id FOR UPDATE`,
    [consumerGroup],
  );
  await manager.query('DELETE FROM erasure_group WHERE consumer_group = $1 AND confirmed_at IS NULL', [
    consumerGroup,
  ]);
  for (const { id } of waiting) await completeErasure(manager, id);
}
