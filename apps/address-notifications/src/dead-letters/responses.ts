import { pageOf } from '@app/service-defaults';
import { z } from 'zod';

const deadLetter = z.strictObject({
  sequenceNumber: z.string().describe('Its place in the dead-letter queue.'),
  messageId: z.string(),
  name: z.string(),
  correlationId: z.string().optional().describe('The customer it is about.'),
  reason: z.string(),
  description: z.string().optional(),
  deliveryCount: z.int(),
  enqueuedAt: z.iso.datetime(),
});

export const deadLettersAnswer = pageOf(deadLetter).meta({
  examples: [
    {
      items: [
        {
          sequenceNumber: '41',
          messageId: '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1d',
          name: 'SendNotification',
          correlationId: '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1b',
          reason: 'NonRetryableError',
          description: 'no such template',
          deliveryCount: 1,
          enqueuedAt: '2026-01-31T09:30:00.000Z',
        },
      ],
    },
  ],
});

export const movedAnswer = z
  .strictObject({
    commands: z.int().describe('How many were moved.'),
    more: z.boolean().describe('Others that fit are left: ask again.'),
  })
  .meta({ examples: [{ commands: 1, more: false }] });
