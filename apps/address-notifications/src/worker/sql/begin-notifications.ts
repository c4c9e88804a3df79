import type { SendNotification } from '@app/contracts';
import type { NoticeContent } from '../../domain/address-change.js';
import { holdErasureOff } from '../../recording/customer-lock.js';
import type { Sql } from '../../sql.js';

export interface BegunNotification {
  status: 'queued' | 'sent' | 'failed' | 'skipped';
  /** Of one that was recorded before notifications were commands. */
  content?: NoticeContent;
}

interface Row {
  event_id: string;
  status: BegunNotification['status'];
  content: string | null;
}

/**
 * Locks the records of notifications until the transaction ends, and makes them for commands that somebody else has sent.
 * Somebody else may have one of them in hand: another worker, because a lock on the queue has expired, or an erasure. It is not
 * among those answered, unless `wait` says that it is waited for: then alone, or two who wait could hold each other up.
 */
export async function beginNotifications(
  sql: Sql,
  commands: readonly SendNotification[],
  { wait }: { wait: boolean },
): Promise<Map<string, BegunNotification>> {
  const begun = new Map<string, BegunNotification>();
  const lock = async (): Promise<void> => {
    const rows = await sql.query<Row[]>(
      `SELECT event_id, status, content FROM notification WHERE event_id = ANY($1::text[])
          FOR UPDATE ${wait ? '' : 'SKIP LOCKED'}`,
      [commands.map(({ notificationId }) => notificationId)],
    );
    for (const row of rows) begun.set(row.event_id, begunOf(row));
  };
  await lock();
  const left = commands.filter(({ notificationId }) => !begun.has(notificationId));
  if (left.length === 0) return begun;
  const customers = await holdErasureOff(
    sql,
    left.map(({ customerId }) => customerId),
    { wait },
  );
  const unknown = left.filter(({ customerId }) => customers.has(customerId));
  await sql.query(
    `INSERT INTO notification (event_id, customer_id, type, status)
     SELECT event_id, customer_id, type, 'queued'
       FROM unnest($1::text[], $2::text[], $3::text[]) AS command (event_id, customer_id, type)
      ORDER BY event_id
     ON CONFLICT (event_id) DO NOTHING`,
    [
      unknown.map(({ notificationId }) => notificationId),
      unknown.map(({ customerId }) => customerId),
      unknown.map(({ about }) => about),
    ],
  );
  await lock();
  return begun;
}

const begunOf = ({ status, content }: Row): BegunNotification => ({
  status,
  ...(content !== null && { content: JSON.parse(content) as NoticeContent }),
});
