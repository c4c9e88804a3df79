import { z } from 'zod';
import { customerSchema } from '../customer/customer.js';
import type { EventType } from './event-types.js';
import { mergeMembers } from './merge-data.js';

const changed = z.array(z.string().min(1)).meta({ description: 'Paths of the members that changed.' });

export const sealedDataSchema = z.object({
  changed,
  personal: z
    .string()
    .regex(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/, 'must be a compact JWE with direct encryption')
    .meta({ description: 'Compact JWE (dir, A256GCM) under the key that its `kid` names.' }),
});

export const openedDataSchema = z.object({
  changed,
  personal: z
    .object({
      current: customerSchema.loose().meta({ description: 'The whole customer after this fact.' }),
      previous: customerSchema
        .partial()
        .loose()
        .meta({ description: 'The members that changed, as they were before.' }),
    })
    .nullable(),
  erased: z.literal(true).optional(),
});

const erasureId = z
  .uuid()
  .meta({ description: 'Confirm it: POST /v1/erasures/{erasureId}/confirmations {"consumerGroup"}.' });

/** CustomerErased has nothing to seal. */
export const erasedDataSchema = z.object({ changed, erasureId });
const openedErasedDataSchema = erasedDataSchema.extend({ personal: z.null(), erased: z.literal(true) });

export type SchemaForm = 'sealed' | 'opened';
export const schemaForms: readonly SchemaForm[] = ['sealed', 'opened'];

/** Version 1 of every event. An erasure has nothing to seal, a merge tells who with whom. */
export function firstSchemas(type: EventType): Record<SchemaForm, z.ZodType> {
  if (type === 'CustomerErased') return { sealed: erasedDataSchema, opened: openedErasedDataSchema };
  if (type !== 'CustomersMerged' && type !== 'CustomersUnmerged')
    return { sealed: sealedDataSchema, opened: openedDataSchema };
  return { sealed: sealedDataSchema.extend(mergeMembers), opened: openedDataSchema.extend(mergeMembers) };
}
