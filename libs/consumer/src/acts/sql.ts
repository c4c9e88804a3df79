import type { StatementRunner } from '@app/event-hubs';

/** `unknown`: the process ended while it was at it. */
export type ActOutcome = 'done' | 'refused' | 'failed' | 'unknown';

export interface ActRow {
  id: string;
  act: string;
  actor: string;
  customerId: string | null;
  details: Record<string, unknown>;
  outcome: ActOutcome;
  begunAt: Date;
}

export async function beginAct(
  runner: StatementRunner,
  { id, act, actor, details }: Pick<ActRow, 'id' | 'act' | 'actor' | 'details'>,
): Promise<void> {
  await runner.query('INSERT INTO administrative_act (id, act, actor, details) VALUES ($1, $2, $3, $4)', [
    id,
    act,
    actor,
    JSON.stringify(details),
  ]);
}

export async function endAct(
  runner: StatementRunner,
  { id, outcome, customerId }: Pick<ActRow, 'id' | 'outcome' | 'customerId'>,
): Promise<void> {
  await runner.query('UPDATE administrative_act SET outcome = $2, customer_id = $3 WHERE id = $1', [
    id,
    outcome,
    customerId,
  ]);
}

/** Acts that are over, or whose process must have ended, oldest first; locked, so that two senders share them. */
export async function lockActs(runner: StatementRunner, limit: number): Promise<ActRow[]> {
  return (await runner.query(
    `SELECT id, act, actor, customer_id AS "customerId", details, coalesce(outcome, 'unknown') AS outcome,
            begun_at AS "begunAt"
       FROM administrative_act
      WHERE outcome IS NOT NULL OR begun_at < now() - interval '1 minute'
      ORDER BY begun_at, id LIMIT $1 FOR UPDATE SKIP LOCKED`,
    [limit],
  )) as ActRow[];
}

export async function forgetActs(runner: StatementRunner, ids: readonly string[]): Promise<void> {
  await runner.query('DELETE FROM administrative_act WHERE id = ANY ($1::uuid[])', [ids]);
}
