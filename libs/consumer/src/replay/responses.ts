import { z } from 'zod';

const partition = { partitionId: z.string(), from: z.int(), until: z.int() };
const example = { partitionId: '0', from: 0, until: 41 };

export const begunAnswer = z
  .strictObject({ generation: z.int(), partitions: z.array(z.strictObject(partition)) })
  .meta({ examples: [{ generation: 2, partitions: [example] }] });

const finding = z.strictObject({
  eventId: z.string(),
  source: z.string(),
  partitionId: z.string(),
  sequenceNumber: z.int(),
  finding: z.enum(['missing', 'different']),
  detail: z.string().nullable(),
});

export const replayAnswer = z
  .strictObject({
    generation: z.int(),
    policy: z.enum(['rebuild', 'reapply', 'verify']),
    effects: z.boolean().describe('Whether effects outside the database are carried out again.'),
    state: z.enum(['running', 'finished', 'replaced']),
    startedBy: z.string(),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
    partitions: z.array(z.strictObject({ ...partition, eventsLeft: z.int() })),
    verification: z
      .strictObject({
        verified: z.int(),
        missing: z.int(),
        different: z.int(),
        findings: z.array(finding).describe('The first of them.'),
      })
      .optional()
      .describe('Of a consumer that verifies.'),
  })
  .meta({
    examples: [
      {
        generation: 2,
        policy: 'reapply',
        effects: false,
        state: 'running',
        startedBy: 'ada',
        startedAt: '2026-01-31T09:30:00.000Z',
        endedAt: null,
        partitions: [{ ...example, eventsLeft: 12 }],
      },
    ],
  });
