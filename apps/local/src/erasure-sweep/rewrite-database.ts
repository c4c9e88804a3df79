import { Client, DatabaseError } from 'pg';
import { SweepError, whenOldSnapshotsAreGone } from './snapshots.js';

/** A table may be in use: it is waited for so long, then tried again, so that its users do not queue for ever. */
const lockTimeout = '5s';
const attempts = 12;

/** Below are the catalog's own tables (FirstNormalObjectId). */
const firstOfOurs = 16384;

const lockNotAvailable = '55P03';
const undefinedTable = '42P01';

/**
 * Rewrites every table of a database with its indexes, and then what the planner remembers of their values: nothing is left
 * in the files but rows that are there.
 * @returns how many tables
 * @throws {SweepError} `TABLE_BUSY`, `SNAPSHOT_HELD`
 */
export async function rewriteDatabase(url: string): Promise<number> {
  const client = new Client({ connectionString: url, application_name: 'erasure-sweep' });
  await client.connect();
  try {
    await client.query(`SET lock_timeout = '${lockTimeout}'`);
    await whenOldSnapshotsAreGone(client);
    // Most common values and histograms are values of rows: made anew, without those that are gone. Forgotten first, for
    // ANALYZE leaves the statistics of a table without rows as they were.
    await client.query(`DELETE FROM pg_statistic WHERE starelid >= ${firstOfOurs}`);
    await client.query('DELETE FROM pg_statistic_ext_data');
    await client.query('ANALYZE');
    const { rows } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', nspname, relname) AS name
         FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
        WHERE relkind IN ('r', 'm') AND nspname !~ '^pg_' AND nspname <> 'information_schema'
        ORDER BY name`,
    );
    const tables = [
      ...rows.map(({ name }) => name),
      'pg_catalog.pg_statistic',
      'pg_catalog.pg_statistic_ext_data',
    ];
    for (const table of tables) await rewrite(client, table);
    return tables.length;
  } finally {
    await client.end();
  }
}

async function rewrite(client: Client, table: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query(`VACUUM (FULL) ${table}`);
      return;
    } catch (error) {
      const code = error instanceof DatabaseError ? error.code : undefined;
      // A rebuild of the search has put another table in its place: dropped, it takes its files with it.
      if (code === undefinedTable) return;
      if (code !== lockNotAvailable) throw error;
      if (attempt === attempts) {
        throw new SweepError('TABLE_BUSY', `${table} is in use all the time: sweep again in a quieter hour`);
      }
    }
  }
}
