import { z } from 'zod';
import { personalDataChoices, provisioningStates } from '../domain/subscription.js';
import { filterSchema } from './subscription.schema.js';
import type { SubscriptionRow } from './subscription-row.js';

/** What is answered of a subscription; the secret on two occasions only, when it is made. */
export const subscriptionDto = z.object({
  name: z.string(),
  provisioningState: z.enum(provisioningStates),
  provisioningError: z.string().optional(),
  origin: z.enum(['rest', 'file']),
  destination: z.object({
    endpointType: z.literal('WebHook'),
    properties: z.object({
      endpointUrl: z.string(),
      deliveryAttributeMappings: z.array(
        z.object({
          name: z.string(),
          type: z.literal('Static'),
          properties: z.object({ value: z.string().nullable(), isSecret: z.boolean() }),
        }),
      ),
    }),
  }),
  filter: filterSchema,
  eventDeliverySchema: z.string(),
  retryPolicy: z.object({
    maxDeliveryAttempts: z.int(),
    eventTimeToLiveInMinutes: z.int(),
    retryForbidden: z.boolean(),
  }),
  personalData: z.enum(personalDataChoices),
  signingSecret: z.string().optional(),
  previousSecretUntil: z.string().optional(),
  createdBy: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type SubscriptionDto = z.output<typeof subscriptionDto>;

export function dtoOf(row: SubscriptionRow, shown: { signingSecret?: string } = {}): SubscriptionDto {
  const { endpointUrl, headers, ...properties } = row.properties;
  return {
    name: row.name,
    provisioningState: row.state,
    ...(row.handshake_error === null ? {} : { provisioningError: row.handshake_error }),
    origin: row.origin,
    destination: {
      endpointType: 'WebHook',
      properties: {
        endpointUrl,
        deliveryAttributeMappings: headers.map(({ name, value, isSecret }) => ({
          name,
          type: 'Static',
          properties: { value: isSecret ? null : value, isSecret },
        })),
      },
    },
    ...properties,
    ...shown,
    ...(row.previous_secret_until === null
      ? {}
      : { previousSecretUntil: row.previous_secret_until.toISOString() }),
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  } as SubscriptionDto;
}
