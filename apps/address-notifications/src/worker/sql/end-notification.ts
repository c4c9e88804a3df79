import type { Sql } from '../../sql.js';

/** What becomes of a notification's record; `attempted` when a mail was handed to the server. */
export type NotificationEnd = { attempted: boolean } & (
  { status: 'sent' } | { status: 'queued' | 'failed' | 'skipped'; reason: string }
);

/** Nothing is kept of what a notification says, whatever became of it, but while it is queued. */
export async function endNotification(sql: Sql, notificationId: string, end: NotificationEnd): Promise<void> {
  await sql.query(
    `UPDATE notification
        SET status = $2, reason = $3, attempts = attempts + $4,
            content = CASE WHEN $2 IN ('queued', 'failed') THEN content END,
            sent_at = CASE WHEN $2 = 'sent' THEN clock_timestamp() END
      WHERE event_id = $1`,
    [notificationId, end.status, end.status === 'sent' ? null : end.reason, end.attempted ? 1 : 0],
  );
}
