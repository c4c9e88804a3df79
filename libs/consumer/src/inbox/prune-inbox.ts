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

/**
 * Takes rows out of the inbox that nothing asks for any more: those past their retention, and those of generations
 * before a replay that has read, or will read, everything again. Goes through the table in pieces, without an index.
 * @returns how many went; undefined when another replica is at it
 */
export async function pruneInbox(
  database: DataSource,
  { consumerGroup, retentionMs }: PruneOptions,
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
                AND (applied_at < now() - $3::float8 * interval '1 ms'
                     OR generation < (SELECT max(generation) FROM consumer_replay
                                       WHERE consumer_group = $4 AND whole))
             RETURNING 1
           )
           SELECT (SELECT count(*)::int FROM gone) AS pruned,
                  pg_relation_size('inbox') > $2::bigint * current_setting('block_size')::bigint AS left`,
          [block, block + blocksAtOnce, retentionMs, consumerGroup],
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
      WHERE outcome = 'replayed' AND ended_at < now() - $1::float8 * interval '1 ms'`,
    [retentionMs],
  );
  return pruned;
}
