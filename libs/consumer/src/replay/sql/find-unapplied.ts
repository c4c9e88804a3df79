import type { StatementRunner } from '@app/event-hubs';

/** Which of these events had been set aside when a replay came, and have not been applied since: this is their first time. */
export async function findUnapplied(runner: StatementRunner, keys: readonly string[]): Promise<Set<string>> {
  const rows = (await runner.query(
    `SELECT key FROM set_aside_end e
      WHERE key = ANY($1::uuid[]) AND outcome = 'replayed'
        AND NOT EXISTS (SELECT FROM inbox i WHERE i.event_id = e.key)`,
    [keys],
  )) as { key: string }[];
  return new Set(rows.map(({ key }) => key));
}
