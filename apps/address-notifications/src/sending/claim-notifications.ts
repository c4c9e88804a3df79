import { dueSql } from '@app/database';
import type { NoticeContent } from '../domain/address-change.js';
import { longestRetryMs } from '../domain/delivery.js';
import type { Sql } from '../sql.js';

export interface ClaimedNotification {
  id: string;
  eventId: string;
  attempts: number;
  content: NoticeContent;
}

/**
 * Locks notifications that are due, until the transaction ends: another sender passes them over, and a sender that
 * dies leaves them as they were. Only the oldest unsent of a customer is due, so that its mails keep their order.
 */
export async function claimNotifications(sql: Sql, most: number): Promise<ClaimedNotification[]> {
  const rows = await sql.query<{ id: string; event_id: string; attempts: number; content: string }[]>(
    `SELECT id, event_id, attempts, content
       FROM notification AS due
      WHERE status = 'queued' AND ${dueSql('retry_at', String(longestRetryMs))}
        AND NOT EXISTS (SELECT FROM notification AS older
                         WHERE older.customer_id = due.customer_id AND older.status = 'queued' AND older.id < due.id)
      ORDER BY retry_at, id
      LIMIT $1
        FOR UPDATE SKIP LOCKED`,
    [most],
  );
  return rows.map((row) => ({
    id: row.id,
    eventId: row.event_id,
    attempts: row.attempts,
    content: JSON.parse(row.content) as NoticeContent,
  }));
}
