import type { SendNotification } from '@app/contracts';
import type { NoticeContent } from '../../domain/address-change.js';
import type { Sql } from '../../sql.js';

export interface BegunNotification {
  status: 'queued' | 'sent' | 'failed' | 'skipped';
  /** Of one that was recorded before notifications were commands. */
  content?: NoticeContent;
}

interface Row {
  status: BegunNotification['status'];
  content: string | null;
}

/**
 * Locks the record of a notification until the transaction ends, and makes it for a command that somebody else has sent.
 * Whoever has the same command in hand, because its lock has expired meanwhile, waits here and finds it done.
 */
export async function beginNotification(
  sql: Sql,
  { notificationId, customerId, about }: SendNotification,
): Promise<BegunNotification> {
  const find = () =>
    sql.query<Row[]>('SELECT status, content FROM notification WHERE event_id = $1 FOR UPDATE', [
      notificationId,
    ]);
  let [row] = await find();
  if (!row) {
    await sql.query(
      `INSERT INTO notification (event_id, customer_id, type, status) VALUES ($1, $2, $3, 'queued')
       ON CONFLICT (event_id) DO NOTHING`,
      [notificationId, customerId, about],
    );
    [row] = await find();
  }
  if (!row) throw new Error(`the record of notification ${notificationId} is not there`);
  const { status, content } = row;
  return { status, ...(content !== null && { content: JSON.parse(content) as NoticeContent }) };
}
