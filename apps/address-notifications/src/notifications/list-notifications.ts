import type { Sql } from '../sql.js';

/** A notification as the API answers it: nothing of what it says. */
export interface NotificationDto {
  id: string;
  eventId: string;
  customerId: string;
  type: string;
  channel: string;
  status: 'queued' | 'sent' | 'failed' | 'skipped';
  reason?: string;
  attempts: number;
  createdAt: string;
  sentAt?: string;
}

interface Row {
  id: string;
  event_id: string;
  customer_id: string;
  type: string;
  channel: string;
  status: NotificationDto['status'];
  reason: string | null;
  attempts: number;
  created_at: Date;
  sent_at: Date | null;
}

/** Newest first. @param before the id a page ended with. */
export async function listNotifications(
  sql: Sql,
  {
    customerId,
    before,
    limit,
  }: { customerId: string | undefined; before: bigint | undefined; limit: number },
): Promise<NotificationDto[]> {
  const rows = await sql.query<Row[]>(
    `SELECT id, event_id, customer_id, type, channel, status, reason, attempts, created_at, sent_at
       FROM notification
      WHERE id < $1 ${customerId ? 'AND customer_id = $3' : ''}
      ORDER BY id DESC LIMIT $2`,
    [before ?? 2n ** 63n - 1n, limit, ...(customerId ? [customerId] : [])],
  );
  return rows.map(dtoOf);
}

const dtoOf = (row: Row): NotificationDto => ({
  id: row.id,
  eventId: row.event_id,
  customerId: row.customer_id,
  type: row.type,
  channel: row.channel,
  status: row.status,
  ...(row.reason === null ? {} : { reason: row.reason }),
  attempts: row.attempts,
  createdAt: row.created_at.toISOString(),
  ...(row.sent_at ? { sentAt: row.sent_at.toISOString() } : {}),
});
