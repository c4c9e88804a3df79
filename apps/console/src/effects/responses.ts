import { z } from 'zod';

const groupEffect = z.strictObject({
  state: z.enum(['pending', 'applied', 'ignored', 'retrying', 'parked', 'discarded']),
  at: z.iso.datetime().optional(),
  waitingBehind: z.int().optional(),
});

export const effectsAnswer = z
  .strictObject({
    eventId: z.uuid(),
    settled: z.boolean(),
    groups: z.record(z.string(), groupEffect),
  })
  .meta({
    examples: [
      {
        eventId: '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1d',
        settled: true,
        groups: { audit: { state: 'applied', at: '2026-01-31T09:30:00.020Z' } },
      },
    ],
  });
