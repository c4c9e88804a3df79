import { type OpenedEvent, type SendNotification, sendNotification } from '@app/contracts';
import { appendCommands } from '@app/outbox';
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
export async function requestNotifications(sql: Sql, given: readonly NotificationRequest[]): Promise<void> {
  const requests = [...new Map(given.map((request) => [request.event.id, request])).values()];
  const skipped = requests.map(reasonToSkip);
  const recorded = await sql.query<{ event_id: string }[]>(
    `INSERT INTO notification (event_id, customer_id, type, status, reason)
     SELECT event_id, customer_id, type, CASE WHEN reason IS NULL THEN 'queued' ELSE 'skipped' END, reason
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
            WITH ORDINALITY AS event (event_id, customer_id, type, reason, place)
      ORDER BY place
     ON CONFLICT (event_id) DO UPDATE SET status = excluded.status, reason = excluded.reason
      WHERE notification.status = 'skipped' AND notification.reason = 'replay'
     RETURNING event_id`,
    [
      requests.map(({ event }) => event.id),
      requests.map(({ event }) => event.subject ?? ''),
      requests.map(({ event }) => event.type),
      skipped,
    ],
  );
  const isNew = new Set(recorded.map(({ event_id: id }) => id));
  const told = requests.filter(({ event }, index) => skipped[index] === null && isNew.has(event.id));
  await appendCommands(sql, told.map(commandOf));
}

function commandOf({
  event: { id, type, subject: customerId = '' },
  sealed,
  traceparent,
}: NotificationRequest) {
  const data: SendNotification = {
    notificationId: id,
    about: type,
    customerId,
    data: sealed as SendNotification['data'],
  };
  return { messageId: id, name: sendNotification, subject: customerId, data, traceparent };
}

function reasonToSkip({ event: { data }, wanted }: NotificationRequest): 'erased' | 'replay' | null {
  if (data.personal === null) return 'erased';
  return wanted ? null : 'replay';
}
