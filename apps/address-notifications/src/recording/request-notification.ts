import { type OpenedEvent, type SendNotification, sendNotification } from '@app/contracts';
import { appendCommand } from '@app/outbox';
import type { Sql } from '../sql.js';

/** What of an AddressChanged becomes a command. */
export interface NotificationRequest {
  event: OpenedEvent;
  /** The event's data as it lies on the hub. */
  sealed: unknown;
  traceparent?: string | undefined;
  /** Whether mails are wanted: not in a replay, unless asked for. */
  wanted: boolean;
}

/**
 * One record and one command an event, however often it comes, in the transaction of its handler. What a replay skipped is
 * told by one that is asked to; who has been told is never told again.
 */
export async function requestNotification(
  sql: Sql,
  { event, sealed, traceparent, wanted }: NotificationRequest,
): Promise<void> {
  const { id, type, subject: customerId = '' } = event;
  const skipped = reasonToSkip(event, wanted);
  const recorded = await sql.query<unknown[]>(
    `INSERT INTO notification (event_id, customer_id, type, status, reason) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (event_id) DO UPDATE SET status = excluded.status, reason = excluded.reason
      WHERE notification.status = 'skipped' AND notification.reason = 'replay'
     RETURNING id`,
    [id, customerId, type, skipped === undefined ? 'queued' : 'skipped', skipped],
  );
  if (recorded.length === 0 || skipped !== undefined) return;
  const data: SendNotification = {
    notificationId: id,
    about: type,
    customerId,
    data: sealed as SendNotification['data'],
  };
  await appendCommand(sql, { messageId: id, name: sendNotification, subject: customerId, data, traceparent });
}

function reasonToSkip({ data }: OpenedEvent, wanted: boolean): 'erased' | 'replay' | undefined {
  if (data.personal === null) return 'erased';
  return wanted ? undefined : 'replay';
}
