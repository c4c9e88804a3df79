import { z } from 'zod';
import { groupName } from '../consumer-groups/group-name.js';

const time = z.iso.datetime();

export const erasureAnswer = z
  .strictObject({
    id: z.uuid(),
    status: z.enum(['pending', 'completed']),
    completedAt: time.nullable(),
    groups: z
      .array(z.strictObject({ consumerGroup: groupName, confirmedAt: time.nullable() }))
      .describe('Those that were registered at the erasure; one without a time is late.'),
    sweptAt: time.optional().describe('When a sweep that began after completion had rewritten every file.'),
  })
  .meta({
    examples: [
      {
        id: '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1c',
        status: 'pending',
        completedAt: null,
        groups: [
          { consumerGroup: 'audit', confirmedAt: '2026-01-31T09:30:00.120Z' },
          { consumerGroup: 'search-indexer', confirmedAt: null },
        ],
      },
    ],
  });
