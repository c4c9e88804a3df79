import { Client } from 'pg';
import { dropLog } from './drop-log.js';
import { whenWordsAreForgotten } from './forgotten-words.js';
import { rewriteDatabase } from './rewrite-database.js';

export interface SweepReport {
  /** Erasures that every group had confirmed when the sweep began: of these nothing is left. */
  swept: number;
  /** Those that wait for a group; what that group holds may be left. */
  pending: number;
  /** Imports that are under way: their files hold people in the clear until they are through. */
  imports: number;
  tables: number;
}

/**
 * After an erasure the key is gone and every row of the customer deleted; this takes the bytes of deleted rows out of the
 * files: tables, indexes, statistics, write-ahead log. Services go on meanwhile, and wait for the table that is rewritten.
 * @param urlOf connection string of a superuser on a database
 * @throws {SweepError}
 */
export async function sweep(
  urlOf: (database: string) => string,
  databases: readonly string[],
): Promise<SweepReport> {
  const profile = new Client({ connectionString: urlOf('profile'), application_name: 'erasure-sweep' });
  await profile.connect();
  try {
    const { rows } = await profile.query<Omit<SweepReport, 'tables'> & { began: Date }>(
      `SELECT clock_timestamp() AS began,
              (SELECT count(*)::int FROM erasure WHERE completed_at IS NOT NULL AND swept_at IS NULL) AS swept,
              (SELECT count(*)::int FROM erasure WHERE completed_at IS NULL) AS pending,
              (SELECT count(*)::int FROM import WHERE status IN ('receiving', 'running')) AS imports`,
    );
    const [{ began, ...counts }] = rows as [Omit<SweepReport, 'tables'> & { began: Date }];
    await whenWordsAreForgotten(urlOf('search_indexer'));
    let tables = 0;
    for (const database of databases) tables += await rewriteDatabase(urlOf(database));
    await dropLog(profile);
    await profile.query(
      'UPDATE erasure SET swept_at = clock_timestamp() WHERE completed_at <= $1 AND swept_at IS NULL',
      [began],
    );
    return { ...counts, tables };
  } finally {
    await profile.end();
  }
}
