import { advancedFiltersSchema, plainText } from '@app/contracts';
import { z } from 'zod';
import { isSigningSecret } from '../domain/signature.js';
import { deliverySchemas, personalDataChoices, type SubscriptionProperties } from '../domain/subscription.js';

/** Azure: 3 to 64 characters, letters, digits and dashes. */
export const subscriptionName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{1,62}[A-Za-z0-9]$/, 'must be 3 to 64 letters, digits and dashes');

const affix = z.string('must be text').max(512, 'must be at most 512 characters').default('');

/** Azure's limit. */
const mostHeaders = 10;

/** Whether a header may be called so, and hold that, is told by `checkProperties`. */
const header = z.strictObject({
  name: z.string().min(1).max(100),
  type: z.literal('Static', 'only Static headers are known').default('Static'),
  properties: z.strictObject({ value: z.string().max(4_096), isSecret: z.boolean().default(false) }),
});

export const filterSchema = z.strictObject({
  includedEventTypes: z
    .array(plainText(512).min(1))
    .min(1, 'must hold a type; all types are wanted where it is left out')
    .max(200)
    .nullish(),
  subjectBeginsWith: affix,
  subjectEndsWith: affix,
  isSubjectCaseSensitive: z.boolean().default(false),
  enableAdvancedFilteringOnArrays: z.boolean().default(true),
  advancedFilters: advancedFiltersSchema.default([]),
});

/** Azure's EventSubscriptionProperties, and `personalData` and `signingSecret` besides. */
export const subscriptionBody = z
  .strictObject({
    destination: z.strictObject({
      endpointType: z.literal('WebHook', 'only WebHook is known'),
      properties: z.strictObject({
        endpointUrl: z.string().min(1),
        deliveryAttributeMappings: z.array(header).max(mostHeaders).default([]),
      }),
    }),
    filter: filterSchema.prefault({}),
    eventDeliverySchema: z.enum(deliverySchemas).default('CloudEventSchemaV1_0'),
    retryPolicy: z
      .strictObject({
        maxDeliveryAttempts: z.int().min(1).max(30).default(30),
        eventTimeToLiveInMinutes: z.int().min(1).max(1_440).default(1_440),
        retryForbidden: z
          .boolean()
          .default(false)
          .meta({ description: 'Whether an answer of 403 is tried again.' }),
      })
      .prefault({}),
    personalData: z
      .enum(personalDataChoices)
      .default('sealed')
      .meta({ description: 'What becomes of data.personal; opened needs the scope personal-data:read.' }),
    signingSecret: z
      .string()
      .refine(isSigningSecret, 'must be whsec_ and 24 to 64 bytes in base64 (Standard Webhooks)')
      .optional()
      .meta({ description: 'Made where none is given. Another one than before begins a rotation.' }),
  })
  .meta({
    examples: [
      {
        destination: {
          endpointType: 'WebHook',
          properties: { endpointUrl: 'https://handler.example/customers' },
        },
        filter: { includedEventTypes: ['AddressChanged'] },
      },
    ],
  });
export type SubscriptionBody = z.output<typeof subscriptionBody>;

export function propertiesOf(body: SubscriptionBody): SubscriptionProperties {
  const { endpointUrl, deliveryAttributeMappings } = body.destination.properties;
  const { includedEventTypes, ...filter } = body.filter;
  return {
    endpointUrl,
    headers: deliveryAttributeMappings.map(({ name, properties: { value, isSecret } }) => ({
      name,
      value,
      isSecret,
    })),
    filter: { ...filter, ...(includedEventTypes ? { includedEventTypes } : {}) },
    eventDeliverySchema: body.eventDeliverySchema,
    retryPolicy: body.retryPolicy,
    personalData: body.personalData,
  };
}
