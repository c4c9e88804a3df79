import type { DeadCommand, DeadLetterQueue } from '@app/service-bus';
import type { Sql } from '../sql.js';

/**
 * Puts down as failed what waits by its record, and lies among the dead letters: the queue itself gives a command up whose
 * deliveries are used up without an answer, or whose life is over, and tells nobody.
 * @param ageMs how long a notification must have waited to be looked for at all
 */
export async function noteDeadLetters(
  sql: Sql,
  deadLetters: Pick<DeadLetterQueue, 'scan'>,
  ageMs: number,
): Promise<void> {
  const waiting = await sql.query<unknown[]>(
    `SELECT FROM notification
      WHERE status = 'queued' AND created_at <= now() - $1 * interval '1 millisecond' LIMIT 1`,
    [ageMs],
  );
  if (waiting.length > 0) await deadLetters.scan((commands) => noteFailed(sql, commands));
}

/** Who has been redriven meanwhile is worked on all the same: a record that says failed holds nobody back. */
async function noteFailed(sql: Sql, commands: readonly DeadCommand[]): Promise<void> {
  await sql.query(
    `UPDATE notification SET status = 'failed', reason = dead.reason
       FROM unnest($1::text[], $2::text[]) AS dead (event_id, reason)
      WHERE notification.event_id = dead.event_id AND status = 'queued'`,
    [commands.map(({ commandId }) => commandId), commands.map(({ reason }) => reason)],
  );
}
