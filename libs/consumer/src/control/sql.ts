import type { StatementRunner } from '@app/event-hubs';

/** Whether somebody has paused the group. */
export async function isPaused(runner: StatementRunner, consumerGroup: string): Promise<boolean> {
  const rows = (await runner.query('SELECT paused FROM consumer_control WHERE consumer_group = $1', [
    consumerGroup,
  ])) as { paused: boolean }[];
  return rows[0]?.paused ?? false;
}

export async function setPaused(
  runner: StatementRunner,
  consumerGroup: string,
  paused: boolean,
  actor: string,
): Promise<void> {
  await runner.query(
    `INSERT INTO consumer_control (consumer_group, paused, actor) VALUES ($1, $2, $3)
     ON CONFLICT (consumer_group) DO UPDATE
       SET paused = excluded.paused, actor = excluded.actor, changed_at = now()`,
    [consumerGroup, paused, actor],
  );
}
