import type { Client } from 'pg';
import { SweepError } from './snapshots.js';

const attempts = 5;

/**
 * Ends the segment of the write-ahead log that is being written and removes all before it: they hold rows as they were
 * written. Recycled, they would keep them; the server must run with `wal_recycle = off`.
 * @throws {SweepError} `WAL_RECYCLED`, `WAL_KEPT`
 */
export async function dropLog(client: Client): Promise<void> {
  const { rows } = await client.query<{ wal_recycle: string }>('SHOW wal_recycle');
  if (rows[0]?.wal_recycle !== 'off') {
    throw new SweepError(
      'WAL_RECYCLED',
      'PostgreSQL runs with wal_recycle = on: set it off, restart, and sweep again',
    );
  }
  const { rows: ended } = await client.query<{ last: string }>(
    'SELECT pg_walfile_name(pg_switch_wal()) AS last',
  );
  const last = ended[0]?.last ?? '';
  for (let attempt = 1; ; attempt++) {
    await client.query('CHECKPOINT');
    const { rows: kept } = await client.query<{ name: string }>(
      `SELECT name FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$' AND name <= $1 ORDER BY name`,
      [last],
    );
    if (kept.length === 0) return;
    if (attempt === attempts) {
      throw new SweepError(
        'WAL_KEPT',
        `PostgreSQL keeps its log from ${kept[0]?.name} on: a slot, or wal_keep_size?`,
      );
    }
  }
}
