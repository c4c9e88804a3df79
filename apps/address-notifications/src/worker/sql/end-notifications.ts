import type { Sql } from '../../sql.js';

/** What becomes of a notification's record; `attempted` when a mail was handed to the server. */
export type NotificationEnd = { notificationId: string; attempted: boolean } & (
  { status: 'sent' } | { status: 'queued' | 'failed' | 'skipped'; reason: string }
);

/** Nothing is kept of what a notification says, whatever became of it, but while it is queued. */
export async function endNotifications(sql: Sql, ends: readonly NotificationEnd[]): Promise<void> {
  await sql.query(
    `UPDATE notification
        SET status = ended.status, reason = ended.reason, attempts = notification.attempts + ended.attempts,
            content = CASE WHEN ended.status IN ('queued', 'failed') THEN content END,
            sent_at = CASE WHEN ended.status = 'sent' THEN clock_timestamp() END
       FROM unnest($1::text[], $2::text[], $3::text[], $4::int[]) AS ended (event_id, status, reason, attempts)
      WHERE notification.event_id = ended.event_id`,
    [
      ends.map(({ notificationId }) => notificationId),
      ends.map(({ status }) => status),
      ends.map((end) => (end.status === 'sent' ? null : end.reason)),
      ends.map(({ attempted }) => (attempted ? 1 : 0)),
    ],
  );
}
