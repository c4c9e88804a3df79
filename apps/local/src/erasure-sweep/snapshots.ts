import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';

/** What stands in the way of the sweep, in one line. */
export class SweepError extends Error {
  override readonly name = 'SweepError';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const patienceMs = 60_000;
const lookEveryMs = 100;

/**
 * Resolves when no transaction is left that began before this call: VACUUM FULL copies rows that somebody may still see.
 * @throws {SweepError} `SNAPSHOT_HELD` with the process that holds on, after a minute
 */
export async function whenOldSnapshotsAreGone(client: Client): Promise<void> {
  const { rows } = await client.query<{ xid: string }>('SELECT pg_current_xact_id()::xid::text AS xid');
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const holders = await client.query<{ pid: number; datname: string | null }>(
      `SELECT pid, datname FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND age(backend_xmin) > age($1::text::xid)`,
      [rows[0]?.xid],
    );
    const [holder] = holders.rows;
    if (!holder) return;
    if (performance.now() > deadline) {
      const where = `process ${holder.pid} in database ${holder.datname ?? '(none)'}`;
      throw new SweepError('SNAPSHOT_HELD', `an old transaction of ${where} keeps rows from being removed`);
    }
    await pause(lookEveryMs);
  }
}
