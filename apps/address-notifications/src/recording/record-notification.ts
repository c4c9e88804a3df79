import type { OpenedEvent } from '@app/contracts';
import { noticeOf } from '../domain/address-change.js';
import type { Sql } from '../sql.js';

/**
 * One row an event, however often it comes: to be sent, or skipped with the reason why. What a replay skipped is sent by
 * one that is asked to; what has been sent is never sent again.
 * @param wanted whether mails are: off in a replay unless asked for
 */
export async function recordNotification(sql: Sql, event: OpenedEvent, wanted: boolean): Promise<void> {
  const notice = noticeOf(event, wanted);
  await sql.query(
    `INSERT INTO notification (event_id, customer_id, type, status, reason, content)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (event_id) DO UPDATE SET status = excluded.status, reason = excluded.reason, content = excluded.content
      WHERE notification.status = 'skipped' AND notification.reason = 'replay'`,
    [
      event.id,
      event.subject ?? '',
      event.type,
      notice.send ? 'queued' : 'skipped',
      notice.send ? null : notice.reason,
      notice.send ? JSON.stringify(notice.content) : null,
    ],
  );
}
