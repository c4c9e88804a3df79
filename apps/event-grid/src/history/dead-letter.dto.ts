import { z } from 'zod';
import { cloudEvent, gridEvent } from '../domain/envelope.js';
import type { DeliverySchema } from '../domain/subscription.js';
import type { DeliveryRow } from './delivery.dto.js';

/** The event in the subscription's schema, with what Event Grid adds to a dead letter. */
export const deadLetterDto = z.object({
  deliveryId: z.string().meta({ description: 'For a redrive or to give it up.' }),
  event: z.looseObject({}).meta({
    description:
      'deadLetterReason, deliveryAttempts, lastDeliveryOutcome, publishTime, lastDeliveryAttemptTime; in lower case in CloudEvents.',
  }),
});
export type DeadLetterDto = z.output<typeof deadLetterDto>;

/** Personal data as it is kept: sealed. */
export function deadLetterOf(row: DeliveryRow, schema: DeliverySchema): DeadLetterDto {
  const data: unknown = row.data === null ? undefined : JSON.parse(row.data);
  const last = row.history.at(-1);
  const members = {
    deadLetterReason: row.dead_letter_reason ?? '',
    deliveryAttempts: row.attempts,
    lastDeliveryOutcome: last?.outcome ?? '',
    publishTime: row.published_at.toISOString(),
    lastDeliveryAttemptTime: last?.at ?? '',
  };
  const event =
    schema === 'EventGridSchema'
      ? { ...gridEvent(row.attributes, data), ...members }
      : {
          ...cloudEvent(row.attributes, data),
          ...Object.fromEntries(Object.entries(members).map(([name, value]) => [name.toLowerCase(), value])),
        };
  return { deliveryId: row.id, event: { ...event } };
}
