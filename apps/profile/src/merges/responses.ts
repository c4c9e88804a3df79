import { customerSchema } from '@app/contracts';
import { z } from 'zod';
import { exampleCustomer } from '../customers/responses.js';

const provenance = z.record(z.string(), z.uuid()).describe('By path, the customer whose value it is.');
const time = z.iso.datetime();

const mergeId = '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1e';
const duplicateId = '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1f';

export const mergedAnswer = z
  .strictObject({ mergeId: z.uuid(), customer: customerSchema, provenance })
  .meta({ examples: [{ mergeId, customer: exampleCustomer, provenance: { phone: duplicateId } }] });

export const mergeAnswer = z
  .strictObject({
    mergeId: z.uuid(),
    survivorId: z.uuid(),
    duplicateId: z.uuid(),
    taken: provenance,
    mergedAt: time,
    mergedBy: z.string(),
    revertedAt: time.optional(),
    revertedBy: z.string().optional(),
  })
  .meta({
    examples: [
      {
        mergeId,
        survivorId: exampleCustomer.id,
        duplicateId,
        taken: { phone: duplicateId },
        mergedAt: '2026-01-31T09:30:00.000Z',
        mergedBy: 'ada',
      },
    ],
  });

export const revertedAnswer = z
  .strictObject({
    customer: customerSchema,
    duplicate: customerSchema,
    kept: z.array(z.string()).describe('Paths where something was written since, which stays.'),
  })
  .meta({
    examples: [
      { customer: exampleCustomer, duplicate: { ...exampleCustomer, id: duplicateId }, kept: ['phone'] },
    ],
  });
