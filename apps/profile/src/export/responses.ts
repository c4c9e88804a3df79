import { customerSchema } from '@app/contracts';
import { z } from 'zod';
import { exampleCustomer } from '../customers/responses.js';
import { historyItem } from '../history/responses.js';

const listed = <T extends z.ZodType>(item: T) =>
  z.strictObject({
    items: z.array(item),
    more: z.literal(true).optional().describe('There are more than an export tells.'),
  });

const refusedRow = z.strictObject({
  importId: z.uuid(),
  importedAt: z.iso.datetime(),
  line: z.int(),
  column: z.string().optional(),
  reason: z.string(),
  original: z.string().optional().describe('As it stood in the file.'),
});

const service = z.strictObject({
  consumerGroup: z.string(),
  answered: z.boolean(),
  reason: z.string().optional(),
  held: z.record(z.string(), z.unknown()).optional(),
});

export const exportAnswer = z
  .strictObject({
    customerId: z.uuid(),
    exportedAt: z.iso.datetime(),
    complete: z.boolean().describe('False where a service has not answered: ask again.'),
    profile: z.strictObject({
      customer: customerSchema,
      history: listed(historyItem),
      mergedDuplicates: z.array(
        z.strictObject({ customer: customerSchema, mergedInto: z.uuid(), history: listed(historyItem) }),
      ),
      refusedRows: listed(refusedRow),
    }),
    services: z.array(service),
  })
  .meta({
    examples: [
      {
        customerId: exampleCustomer.id,
        exportedAt: '2026-01-31T09:30:00.000Z',
        complete: false,
        profile: {
          customer: exampleCustomer,
          history: { items: [] },
          mergedDuplicates: [],
          refusedRows: { items: [] },
        },
        services: [
          { consumerGroup: 'audit', answered: true, held: { entries: [] } },
          { consumerGroup: 'search-indexer', answered: false, reason: 'cannot be reached' },
        ],
      },
    ],
  });
