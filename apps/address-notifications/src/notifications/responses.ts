import { pageOf } from '@app/service-defaults';
import { z } from 'zod';

const notification = z.strictObject({
  id: z.string(),
  eventId: z.string(),
  customerId: z.string(),
  type: z.string(),
  channel: z.string(),
  status: z.enum(['queued', 'sent', 'failed', 'skipped']),
  reason: z.string().optional().describe('Why it failed, waits or was skipped.'),
  attempts: z.int(),
  createdAt: z.iso.datetime(),
  sentAt: z.iso.datetime().optional(),
});

export const notificationsAnswer = pageOf(notification).meta({
  examples: [
    {
      items: [
        {
          id: '7',
          eventId: '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1d',
          customerId: '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1b',
          type: 'AddressChanged',
          channel: 'email',
          status: 'sent',
          attempts: 1,
          createdAt: '2026-01-31T09:30:00.000Z',
          sentAt: '2026-01-31T09:30:00.200Z',
        },
      ],
    },
  ],
});
