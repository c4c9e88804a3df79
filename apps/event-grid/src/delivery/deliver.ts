import { envelopeOf, withPersonal } from '../domain/envelope.js';
import type { GridEvent } from '../domain/event.js';
import { signatureHeaders } from '../domain/signature.js';
import type { WebhookAnswer, WebhookClient } from '../egress/webhook-client.js';
import { type SubscriptionRow, secretsAt } from '../subscriptions/subscription-row.js';

/** Pushes one event to one handler. @param event its data as the subscription may have it @param attempt from 1 */
export function deliver(
  client: Pick<WebhookClient, 'call'>,
  row: SubscriptionRow,
  event: GridEvent,
  { attempt, now }: { attempt: number; now: Date },
): Promise<WebhookAnswer> {
  const { eventDeliverySchema, personalData, headers } = row.properties;
  const data = withPersonal(event.data, personalData);
  const { contentType, body } = envelopeOf(eventDeliverySchema, { ...event, data });
  const { id: eventId, traceparent } = event.attributes;
  return client.call({
    method: 'POST',
    headers: {
      ...Object.fromEntries(headers.map(({ name, value }) => [name.toLowerCase(), value])),
      'content-type': contentType,
      'user-agent': 'customer-profile-event-grid',
      'aeg-event-type': 'Notification',
      'aeg-subscription-name': row.name.toUpperCase(),
      'aeg-delivery-count': String(attempt - 1),
      ...(eventDeliverySchema === 'EventGridSchema' ? { 'aeg-metadata-version': '1' } : {}),
      ...(traceparent === undefined ? {} : { traceparent }),
      ...signatureHeaders(secretsAt(row, now), { eventId, body, at: new Date() }),
    },
    body,
  });
}
