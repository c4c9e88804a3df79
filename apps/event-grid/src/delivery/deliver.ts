import { envelopeOf } from '../domain/envelope.js';
import type { GridAttributes } from '../domain/event.js';
import { signatureHeaders } from '../domain/signature.js';
import type { WebhookAnswer } from '../egress/answer-reader.js';
import type { WebhookClient } from '../egress/webhook-client.js';
import { type SubscriptionRow, secretsAt } from '../subscriptions/subscription-row.js';

/** An event as it goes out to one subscription. */
export interface Outgoing {
  attributes: GridAttributes;
  /** JSON text. */
  data: string | undefined;
}

/** W3C Trace Context §3.2. Strangers may call anything so, and not everything can stand in a header. */
const traceParent = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Pushes one event to one handler. @param attempt from 1 */
export function deliver(
  client: Pick<WebhookClient, 'call'>,
  row: SubscriptionRow,
  { attributes, data }: Outgoing,
  { attempt, now }: { attempt: number; now: Date },
): Promise<WebhookAnswer> {
  const { eventDeliverySchema, headers } = row.properties;
  const { contentType, body } = envelopeOf(eventDeliverySchema, attributes, data);
  const { id: eventId, traceparent } = attributes;
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
      ...(traceparent !== undefined && traceParent.test(traceparent) ? { traceparent } : {}),
      ...signatureHeaders(secretsAt(row, now), { eventId, body, at: new Date() }),
    },
    body,
  });
}
