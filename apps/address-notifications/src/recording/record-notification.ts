import type { OpenedEvent } from '@app/contracts';
import { noticeOf } from '../domain/address-change.js';
import type { Sql } from '../sql.js';

/** One row an event, however often it comes: to be sent, or skipped with the reason why. */
export async function recordNotification(sql: Sql, event: OpenedEvent, replay: boolean): Promise<void> {
  const notice = noticeOf(event, replay);
  await sql.query(
    `INSERT INTO notification (event_id, customer_id, type, status, reason, content)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (event_id) DO NOTHING`,
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
