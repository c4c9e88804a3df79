import type { StatementRunner } from '@app/event-hubs';

export interface Backlog {
  pending: number;
  /** Age of the oldest row; 0 when there is none. */
  oldestSeconds: number;
  rejected: number;
}

export async function backlog(runner: StatementRunner): Promise<Backlog> {
  const rows = (await runner.query(
    `SELECT count(*)::int AS pending,
            coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 AS "oldestSeconds",
            (SELECT count(*)::int FROM outbox_rejected) AS rejected
       FROM outbox`,
    [],
  )) as Backlog[];
  return rows[0] ?? { pending: 0, oldestSeconds: 0, rejected: 0 };
}
