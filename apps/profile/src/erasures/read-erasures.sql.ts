import type { EntityManager } from 'typeorm';

export interface ErasureView {
  id: string;
  status: 'pending' | 'completed';
  completedAt: string | null;
  groups: { consumerGroup: string; confirmedAt: string | null }[];
  /** When a sweep that began after completion had rewritten every file. */
  sweptAt?: string;
}

interface Row {
  id: string;
  completed_at: Date | null;
  swept_at: Date | null;
  groups: ErasureView['groups'];
}

/**
 * An erasure with those that are part of it: a group has confirmed once it has confirmed all of them.
 * @param by the erasure's id, or the customer's
 */
export async function findErasure(
  manager: EntityManager,
  by: { id: string } | { customerId: string },
): Promise<ErasureView | undefined> {
  const [column, value] = 'id' in by ? ['id', by.id] : ['customer_id', by.customerId];
  const [row] = await manager.query<Row[]>(
    `WITH asked AS (SELECT id FROM erasure WHERE ${column} = $1),
          part AS (SELECT erasure.* FROM erasure JOIN asked ON asked.id IN (erasure.id, erasure.part_of)),
          confirmed AS (
            SELECT consumer_group, CASE WHEN bool_and(confirmed_at IS NOT NULL) THEN max(confirmed_at) END AS at
              FROM erasure_group JOIN part ON part.id = erasure_id GROUP BY consumer_group)
     SELECT asked.id,
            (SELECT CASE WHEN bool_and(completed_at IS NOT NULL) THEN max(completed_at) END FROM part) AS completed_at,
            (SELECT CASE WHEN bool_and(swept_at IS NOT NULL) THEN max(swept_at) END FROM part) AS swept_at,
            (SELECT coalesce(json_agg(json_build_object('consumerGroup', consumer_group, 'confirmedAt', at)
                                      ORDER BY consumer_group), '[]') FROM confirmed) AS groups
       FROM asked`,
    [value],
  );
  return row && viewOf(row);
}

function viewOf({ id, completed_at: completedAt, swept_at: sweptAt, groups }: Row): ErasureView {
  return {
    id,
    status: completedAt ? 'completed' : 'pending',
    completedAt: completedAt?.toISOString() ?? null,
    groups: groups.map(({ consumerGroup, confirmedAt }) => ({
      consumerGroup,
      confirmedAt: confirmedAt === null ? null : new Date(confirmedAt).toISOString(),
    })),
    ...(sweptAt ? { sweptAt: sweptAt.toISOString() } : {}),
  };
}
