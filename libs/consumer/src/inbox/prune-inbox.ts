import type { DataSource } from 'typeorm';

/** One sweeper for all replicas; the number is arbitrary, but ours. */
const sweeperLock = 7_104_024;
/** 8 KiB each: a few milliseconds of one transaction. */
const blocksAtOnce = 256;

export interface PruneOptions {
  consumerGroup: string;
  /** Rows older than this go, in milliseconds. */
  retentionMs: number;
}

/** Of the sweeper, whatever becomes of the database's clock: milliseconds since 1970 that it does not go ahead of. */
export type LatestNow = () => number;

/**
 * Takes rows out of the inbox that nothing asks for any more: those past their retention, and those of generations
 * before a replay that has read, or will read, everything again. Goes through the table in pieces, without an index.
 * @returns how many went; undefined when another replica is at it
 */
export async function pruneInbox(
  database: DataSource,
  { consumerGroup, retentionMs }: PruneOptions,
  latestNow: LatestNow,
  signal: AbortSignal,
): Promise<number | undefined> {
  let pruned = 0;
  for (let block = 0; !signal.aborted; block += blocksAtOnce) {
    const rows = await database.transaction<{ left: boolean; pruned: number; held: boolean }[]>(
      async (manager) => {
        const [lock] = await manager.query<[{ held: boolean }]>(
          'SELECT pg_try_advisory_xact_lock($1) AS held',
          [sweeperLock],
        );
        if (!lock.held) return [];
        return manager.query(
          `WITH gone AS (
             DELETE FROM inbox
              WHERE ctid >= format('(%s,0)', $1::bigint)::tid AND ctid < format('(%s,0)', $2::bigint)::tid
                AND (applied_at < ${oldestKept('$3', '$5')}
                     OR generation < (SELECT max(generation) FROM consumer_replay
                                       WHERE consumer_group = $4 AND whole))
             RETURNING 1
           )
           SELECT (SELECT count(*)::int FROM gone) AS pruned,
                  pg_relation_size('inbox') > $2::bigint * current_setting('block_size')::bigint AS left`,
          [block, block + blocksAtOnce, retentionMs, consumerGroup, latestNow()],
        );
      },
    );
    const [piece] = rows;
    if (!piece) return undefined;
    pruned += piece.pruned;
    if (!piece.left) break;
  }
  await database.query(
    `DELETE FROM set_aside_end
      WHERE outcome = 'replayed' AND ended_at < ${oldestKept('$1', '$2')}`,
    [retentionMs, latestNow()],
  );
  return pruned;
}

const oldestKept = (retentionMs: string, latestNow: string): string =>
  `least(now(), to_timestamp(${latestNow}::float8 / 1000)) - ${retentionMs}::float8 * interval '1 ms'`;

/**
 * From now on the database's time as it would be if nobody set its clock. A clock that jumps ahead would else make the
 * whole inbox old, and what the relay sends again would have its effect twice.
 */
export async function latestNowOf(database: DataSource): Promise<LatestNow> {
  const [{ ms }] = await database.query<[{ ms: number }]>(
    'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms',
  );
  const offset = ms - performance.now();
  return () => offset + performance.now();
}
