import { pageOf } from '@app/service-defaults';
import { z } from 'zod';

const id = '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a21';

export const importAnswer = z
  .strictObject({
    id: z.uuid(),
    status: z.enum(['receiving', 'running', 'completed', 'failed']),
    read: z.int(),
    added: z.int(),
    changed: z.int(),
    unchanged: z.int(),
    refused: z.int(),
    dryRun: z.literal(true).optional().describe('Nothing was done: the counts say what would be.'),
    failure: z.string().optional(),
    repeats: z.uuid().optional().describe('The import that took the same bytes before.'),
    createdAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().optional(),
  })
  .meta({
    examples: [
      {
        id,
        status: 'running',
        read: 500,
        added: 498,
        changed: 0,
        unchanged: 0,
        refused: 2,
        createdAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  });

export const importErrorsAnswer = pageOf(
  z.strictObject({ line: z.int(), column: z.string().optional(), reason: z.string() }),
).meta({
  examples: [
    { items: [{ line: 7, column: 'country', reason: 'must be an ISO 3166-1 alpha-2 country code' }] },
  ],
});

export const refusedRowsAnswer = z.string().meta({
  examples: ['line,column,reason,account_number,country\n7,country,must be a country code,A7,XX\n'],
});
