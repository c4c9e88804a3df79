import type { StatementRunner } from '@app/event-hubs';

/** Where an event lies, if the asker knows. */
export interface EventPlace {
  partitionId: string;
  sequenceNumber: number;
}

export interface StoredEffect {
  appliedAt: Date | null;
  /** Whether the position has gone past the place; false when no place was given. */
  passed: boolean;
}

/** What the database knows of an event: its inbox row of the current generation, and whether the position is past it. */
export async function findEffect(
  runner: StatementRunner,
  consumerGroup: string,
  key: string,
  place: EventPlace | undefined,
): Promise<StoredEffect> {
  const rows = (await runner.query(
    `SELECT (SELECT applied_at FROM inbox
              WHERE event_id = $2
                AND generation >= (SELECT coalesce(max(generation), 1) FROM partition_position WHERE consumer_group = $1)
            ) AS applied_at,
            EXISTS (SELECT FROM partition_position
                     WHERE consumer_group = $1 AND partition_id = $3 AND sequence_number >= $4) AS passed`,
    [consumerGroup, key, place?.partitionId ?? null, place?.sequenceNumber ?? null],
  )) as { applied_at: Date | null; passed: boolean }[];
  return { appliedAt: rows[0]?.applied_at ?? null, passed: rows[0]?.passed ?? false };
}
