import { pageOf } from '@app/service-defaults';
import { z } from 'zod';
import { explainedEvent } from './explain/explainer.js';
import { deadLetterDto } from './history/dead-letter.dto.js';
import { deliveryDto } from './history/delivery.dto.js';
import { subscriptionDto } from './subscriptions/subscription.dto.js';

const [at, eventId] = ['2026-01-31T09:30:00.000Z', '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1d'];
const customerId = '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1b';

const subscription = {
  name: 'moves',
  provisioningState: 'Succeeded',
  origin: 'rest',
  destination: {
    endpointType: 'WebHook',
    properties: { endpointUrl: 'https://handlers.example.org/moves', deliveryAttributeMappings: [] },
  },
  filter: {
    includedEventTypes: ['AddressChanged'],
    subjectBeginsWith: '',
    subjectEndsWith: '',
    isSubjectCaseSensitive: false,
    enableAdvancedFilteringOnArrays: true,
    advancedFilters: [],
  },
  eventDeliverySchema: 'CloudEventSchemaV1_0',
  retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1_440, retryForbidden: false },
  personalData: 'sealed',
  createdBy: 'ada',
  createdAt: at,
  updatedAt: at,
} as const;

export const subscriptionAnswer = subscriptionDto.meta({ examples: [subscription] });
export const subscriptionsAnswer = pageOf(subscriptionDto).meta({ examples: [{ items: [subscription] }] });

const event = { id: eventId, type: 'AddressChanged', source: '/profile', subject: customerId };

export const deliveriesAnswer = pageOf(deliveryDto).meta({
  examples: [
    {
      items: [
        {
          id: '7',
          state: 'delivered',
          event,
          attempts: 1,
          publishedAt: at,
          settledAt: at,
          history: [{ at, outcome: 'Delivered', status: 200, latencyMs: 12 }],
        },
      ],
    },
  ],
});

export const deadLettersAnswer = pageOf(deadLetterDto).meta({
  examples: [
    {
      items: [
        {
          deliveryId: '8',
          event: {
            specversion: '1.0',
            ...event,
            deadletterreason: 'MaxDeliveryAttemptsExceeded',
            deliveryattempts: 30,
            lastdeliveryoutcome: 'NotFound',
            publishtime: at,
            lastdeliveryattempttime: at,
          },
        },
      ],
    },
  ],
});

export const redrivenAnswer = z.object({ deliveries: z.int() }).meta({ examples: [{ deliveries: 1 }] });

export const explainAnswer = z.object({ items: z.array(explainedEvent) }).meta({
  examples: [
    {
      items: [
        {
          event: { ...event, partitionId: '0', sequenceNumber: 7 },
          matched: false,
          clauses: [{ clause: '/includedEventTypes', matched: false, found: '"AddressChanged"' }],
        },
      ],
    },
  ],
});

export const confirmedAnswer = z
  .object({ provisioningState: z.literal('Succeeded') })
  .meta({ examples: [{ provisioningState: 'Succeeded' }] });

export const clockAnswer = z
  .object({ now: z.int().meta({ description: 'Milliseconds since 1970.' }) })
  .meta({ examples: [{ now: 1_790_000_000_000 }] });

export const publishedAnswer = z.object({}).meta({ examples: [{}] });
