import type { StatementRunner } from '@app/event-hubs';

/** Where an event lies, if the asker knows. */
export interface EventPlace {
  partitionId: string;
  sequenceNumber: number;
}

export type StoredEffect =
  | { state: 'retrying' | 'parked'; at: Date; waitingBehind: number }
  | { state: 'applied' | 'discarded'; at: Date }
  | { state: 'ignored' | 'pending' };

export interface FoundEffect {
  effect: StoredEffect;
  /** The group's: a replay raises it. */
  generation: number;
}

interface Row {
  generation: number;
  held: 'retrying' | 'parked' | null;
  held_at: Date | null;
  behind: number | null;
  ended_at: Date | null;
  applied_at: Date | null;
  passed: boolean;
}

/**
 * What the database knows of an event. Inbox row, set-aside row and position are committed together: past the place
 * and none of them means that the event was not for this consumer.
 *
 * In a replay, what an earlier generation has applied counts if no replay since then has begun before the event's place.
 * Where the place is not known, it counts once the replay is over: what it read again has a row of its own by then.
 */
export async function findEffect(
  runner: StatementRunner,
  consumerGroup: string,
  key: string,
  place: EventPlace | undefined,
): Promise<FoundEffect> {
  const [row] = (await runner.query(
    `WITH current AS (
       SELECT coalesce(max(generation), 1) AS generation FROM partition_position WHERE consumer_group = $1
     ), since AS (
       SELECT CASE WHEN $3::text IS NOT NULL THEN
                (SELECT coalesce(max(generation), 1) FROM consumer_replay_partition
                  WHERE consumer_group = $1 AND partition_id = $3 AND start_after < $4::bigint)
              WHEN EXISTS (SELECT FROM consumer_replay WHERE consumer_group = $1 AND outcome IS NULL)
              THEN (SELECT generation FROM current) ELSE 1 END AS generation
     ), held AS (
       SELECT c.state, coalesce(c.last_failed_at, e.set_aside_at) AS at,
              (SELECT count(*)::int FROM set_aside_event later
                WHERE later.customer_id = e.customer_id AND later.sequence_number > e.sequence_number) AS behind
         FROM set_aside_event e JOIN set_aside_customer c USING (customer_id) WHERE e.key = $2
     )
     SELECT (SELECT state FROM held) AS held, (SELECT at FROM held) AS held_at, (SELECT behind FROM held) AS behind,
            (SELECT max(ended_at) FROM set_aside_end e, since
              WHERE key = $2 AND (outcome = 'discarded' OR outcome = 'erased' AND e.generation >= since.generation)
            ) AS ended_at,
            (SELECT max(applied_at) FROM inbox, since
              WHERE event_id = $2 AND inbox.generation >= since.generation) AS applied_at,
            EXISTS (SELECT FROM partition_position
                     WHERE consumer_group = $1 AND partition_id = $3 AND sequence_number >= $4::bigint) AS passed,
            (SELECT generation FROM current) AS generation`,
    [consumerGroup, key, place?.partitionId ?? null, place?.sequenceNumber ?? null],
  )) as [Row];
  return { effect: effectIn(row), generation: row.generation };
}

function effectIn(row: Row): StoredEffect {
  if (row.held && row.held_at) return { state: row.held, at: row.held_at, waitingBehind: row.behind ?? 0 };
  if (row.ended_at) return { state: 'discarded', at: row.ended_at };
  if (row.applied_at) return { state: 'applied', at: row.applied_at };
  return { state: row.passed ? 'ignored' : 'pending' };
}
