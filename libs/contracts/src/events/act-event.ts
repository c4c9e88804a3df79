import { z } from 'zod';

/**
 * The CloudEvents `type` of what tells the audit that somebody has used the rights of an administrator. It is no fact about
 * a customer: it has no version, and consumers pass it over.
 */
export const actEventType = 'AdministrativeActRecorded';
export const actDataSchemaUri = `/schemas/${actEventType}/v1.json`;

export const actDataSchema = z.object({
  act: z.string().meta({ description: 'What was asked for, such as pause, redrive or republish.' }),
  actor: z.string().meta({ description: 'Who: the `sub` of the token.' }),
  outcome: z
    .enum(['done', 'refused', 'failed', 'unknown'])
    .meta({ description: 'Unknown: the process ended in the middle of it.' }),
  consumerGroup: z.string().optional().meta({ description: 'The group at which it was done.' }),
  details: z
    .record(z.string(), z.unknown())
    .meta({ description: 'What it was asked with; nothing personal.' }),
});
export type ActData = z.infer<typeof actDataSchema>;

/** The JSON Schema (2020-12) of its `data`. */
export function actJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(actDataSchema), $id: actDataSchemaUri, title: `${actEventType} v1` };
}
