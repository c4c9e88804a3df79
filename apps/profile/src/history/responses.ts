import { customerSchema, mergeMembers } from '@app/contracts';
import { pageOf } from '@app/service-defaults';
import { z } from 'zod';

/** Parts of a customer, where they changed. */
const changedPart = z.record(z.string(), z.unknown());
const { role, mergeId, survivorId, duplicateId } = z.object(mergeMembers).partial().shape;

const example = {
  version: 2,
  eventId: '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1d',
  type: 'CustomerNameChanged',
  at: '2026-01-31T09:30:00.000Z',
  by: 'ada',
  changed: ['familyName'],
  previous: { familyName: 'Byron' },
  current: { familyName: 'Lovelace' },
};

export const historyItem = z.strictObject({
  version: customerSchema.shape.version,
  eventId: z.uuid(),
  type: z.string(),
  at: z.iso.datetime(),
  by: z.string().describe('The `sub` of the caller’s token, or `import:` and the import’s id.'),
  changed: z.array(z.string()).describe('Paths, such as addresses.home.'),
  role,
  mergeId,
  survivorId,
  duplicateId,
  previous: changedPart.optional(),
  current: changedPart.optional(),
});

export const historyAnswer = pageOf(historyItem).meta({ examples: [{ items: [example] }] });
