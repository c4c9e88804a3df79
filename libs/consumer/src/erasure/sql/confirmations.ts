import { dueSql } from '@app/database';
import type { StatementRunner } from '@app/event-hubs';

export interface DueConfirmation {
  erasureId: string;
  /** Tries that came to nothing. */
  attempts: number;
}

/** Erasures that are carried out and due to be confirmed, oldest first, some at a time. */
export async function dueConfirmations(
  runner: StatementRunner,
  longestPauseMs: number,
): Promise<DueConfirmation[]> {
  return (await runner.query(
    `SELECT erasure_id AS "erasureId", attempts FROM erasure_to_confirm
      WHERE ${dueSql('next_at', '$1::float8')} ORDER BY next_at LIMIT 50`,
    [longestPauseMs],
  )) as DueConfirmation[];
}

export async function confirmed(runner: StatementRunner, erasureId: string): Promise<void> {
  await runner.query('DELETE FROM erasure_to_confirm WHERE erasure_id = $1', [erasureId]);
}

export async function notConfirmed(
  runner: StatementRunner,
  erasureId: string,
  pauseMs: number,
): Promise<void> {
  await runner.query(
    `UPDATE erasure_to_confirm SET attempts = attempts + 1, next_at = now() + $2::float8 * interval '1 ms'
      WHERE erasure_id = $1`,
    [erasureId, pauseMs],
  );
}
