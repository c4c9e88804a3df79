import type { StatementRunner } from '@app/event-hubs';

/** Which of these keys have been handled in this generation. */
export async function findApplied(
  runner: StatementRunner,
  keys: readonly string[],
  generation: number,
): Promise<Set<string>> {
  const rows = (await runner.query(
    'SELECT event_id FROM inbox WHERE event_id = ANY($1::uuid[]) AND generation = $2',
    [keys, generation],
  )) as { event_id: string }[];
  return new Set(rows.map((row) => row.event_id));
}
