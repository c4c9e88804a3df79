import type { StatementRunner } from '@app/event-hubs';

/** Whether a replay of the group is under way. */
export async function isReplaying(runner: StatementRunner, consumerGroup: string): Promise<boolean> {
  const rows = (await runner.query(
    'SELECT 1 FROM consumer_replay WHERE consumer_group = $1 AND outcome IS NULL',
    [consumerGroup],
  )) as unknown[];
  return rows.length > 0;
}

/** Handlers that look at a rebuild hold its row until their transactions end. `false`: none is under way. */
export async function holdRebuild(runner: StatementRunner, consumerGroup: string): Promise<boolean> {
  const rows = (await runner.query(
    `SELECT 1 FROM consumer_replay
      WHERE consumer_group = $1 AND outcome IS NULL AND policy = 'rebuild' FOR KEY SHARE`,
    [consumerGroup],
  )) as unknown[];
  return rows.length > 0;
}

/** The generation of the replay under way, if every partition has come to where the log ended at its begin. */
export async function findArrived(
  runner: StatementRunner,
  consumerGroup: string,
): Promise<number | undefined> {
  const [row] = (await runner.query(
    `SELECT generation FROM consumer_replay
      WHERE consumer_group = $1 AND outcome IS NULL
        AND NOT EXISTS (
          SELECT FROM consumer_replay_partition r
            JOIN partition_position p USING (namespace, event_hub, consumer_group, partition_id)
           WHERE r.consumer_group = $1 AND r.generation = consumer_replay.generation
             AND p.sequence_number < r.until)`,
    [consumerGroup],
  )) as { generation: number }[];
  return row?.generation;
}

/** Takes the replay for its end: handlers that hold it are waited for. `false`: somebody else has ended it. */
export async function lockReplay(
  runner: StatementRunner,
  consumerGroup: string,
  generation: number,
): Promise<boolean> {
  const rows = (await runner.query(
    `SELECT 1 FROM consumer_replay
      WHERE consumer_group = $1 AND generation = $2 AND outcome IS NULL FOR UPDATE`,
    [consumerGroup, generation],
  )) as unknown[];
  return rows.length > 0;
}

export async function endReplay(
  runner: StatementRunner,
  consumerGroup: string,
  generation: number,
): Promise<void> {
  await runner.query(
    `UPDATE consumer_replay SET outcome = 'finished', ended_at = now()
      WHERE consumer_group = $1 AND generation = $2`,
    [consumerGroup, generation],
  );
}
