import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@app/testing';
import { MemoryWatch } from '../platform/memory-watch.js';
import type { TorturePlatform } from '../platform/torture-platform.js';
import { Writers } from '../workload/writers.js';
import type { WholeSystemOptions } from './whole-system.js';

/** Beside the writers that are there all the time. */
const crowd = 160;
/** What each statement on the customers takes longer, in seconds: PostgreSQL is slow. */
const slowSeconds = 0.05;

export interface FloodPlan {
  customers: number;
  importRows: number;
  /** How long PostgreSQL is slow. */
  ms: number;
}

/** Ten times the writers and an import at once, while PostgreSQL is slow; then it is quick again, and everything is to drain. */
export const floodProfile =
  ({ customers, importRows, ms }: FloodPlan): WholeSystemOptions['shoot'] =>
  async (platform, random, client) => {
    const memory = new MemoryWatch(() => platform.processes.values());
    const profile = await platform.sql('profile');
    try {
      await profile.query(slowDownSql);
      const writers = new Writers(client, { customers, writers: crowd, prefix: 'crowd' }, random.fork());
      const id = await beginImport(platform, importRows, client.expect('create'));
      await delay(ms);
      await writers.stop();
      await profile.query('DROP TRIGGER torture_slow ON customer');
      const imported = await eventually(() => completed(platform, id), {
        timeoutMs: 300_000,
        intervalMs: 500,
      });
      const { mib, name } = memory.most;
      return {
        'MiB at most': Math.round(mib),
        of: name,
        'MiB/min steepest': memory.steepest,
        'rows imported': imported,
        'of the crowd': writers.acknowledged,
        'refused by 429': client.statuses.get(429) ?? 0,
        '503': client.statuses.get(503) ?? 0,
      };
    } finally {
      memory.stop();
    }
  };

const slowDownSql = `
  CREATE OR REPLACE FUNCTION torture_slow() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM pg_sleep(${slowSeconds});
    RETURN NULL;
  END $$;
  CREATE TRIGGER torture_slow AFTER INSERT OR UPDATE ON customer
    FOR EACH STATEMENT EXECUTE FUNCTION torture_slow()`;

/** @param expect told of each row that the import may write. @returns its id */
async function beginImport(
  platform: TorturePlatform,
  rows: number,
  expect: (account: string, token: string) => void,
): Promise<string> {
  const lines = Array.from({ length: rows }, (_, n) => {
    expect(`I${n}`, `row${n}`);
    const email = `i${n}@example.com`;
    return JSON.stringify({ accountNumber: `I${n}`, givenName: 'I', familyName: `row${n}`, email });
  });
  const response = await fetch(`${platform.url('profile')}/v1/imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${platform.token}`, 'content-type': 'application/x-ndjson' },
    body: `${lines.join('\n')}\n`,
  });
  if (!response.ok) throw new Error(`the import was answered ${response.status}: ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

/** How many rows have been added; false while it is under way. */
async function completed(platform: TorturePlatform, id: string): Promise<number | false> {
  const sql = await platform.sql('profile');
  const { rows } = await sql.query<{ status: string; added: number }>(
    'SELECT status, added FROM import WHERE id = $1',
    [id],
  );
  await sql.end();
  return rows[0]?.status === 'completed' && rows[0].added;
}
