import { z } from 'zod';
import { customerSchema } from '../customer/customer.js';
import { eventTypes, type EventType } from './event-types.js';
import { mergeMembers } from './merge-data.js';

/** The published version of every event's data; a breaking change gets a new one beside it. */
export const schemaVersion = 1;

const changed = z.array(z.string().min(1)).meta({ description: 'Paths of the members that changed.' });

export const sealedDataSchema = z.object({
  changed,
  personal: z
    .string()
    .regex(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/, 'must be a compact JWE with direct encryption'),
});

export const openedDataSchema = z.object({
  changed,
  personal: z
    .object({
      current: customerSchema.loose(),
      previous: customerSchema.partial().loose(),
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

/** The CloudEvents `dataschema` of an event type, a URI reference below the profile service. */
export function dataSchemaOf(type: EventType): string {
  return `/schemas/${type}/v${schemaVersion}.json`;
}

/** `/schemas/<type>/v<n>.json`, alone or at the end of a URL. */
const dataSchemaForm = /^(?:https?:\/\/[^/]+)?\/schemas\/([A-Za-z]{1,64})\/v(\d{1,6})\.json$/;

/** Why an event's data is of no form that this platform's code knows; undefined when it is, or when it does not say. */
export function unknownDataSchema(type: EventType, dataschema: string | undefined): string | undefined {
  if (dataschema === undefined) return undefined;
  const [, name, version] = dataSchemaForm.exec(dataschema) ?? [];
  if (name === type && version === String(schemaVersion)) return undefined;
  const found = name === undefined ? 'no schema of this platform' : `${name} v${version}`;
  return `dataschema names ${found}; known is ${type} v${schemaVersion}`;
}

export type SchemaForm = 'sealed' | 'opened';

/** An erasure has nothing to seal, a merge tells who with whom. */
function dataSchemasOf(type: EventType): Record<SchemaForm, z.ZodType> {
  if (type === 'CustomerErased') return { sealed: erasedDataSchema, opened: openedErasedDataSchema };
  if (type !== 'CustomersMerged' && type !== 'CustomersUnmerged')
    return { sealed: sealedDataSchema, opened: openedDataSchema };
  return { sealed: sealedDataSchema.extend(mergeMembers), opened: openedDataSchema.extend(mergeMembers) };
}

/** The JSON Schema (2020-12) of an event's `data`, as it travels or as libs/consumer opens it. */
export function jsonSchemaOf(type: EventType, form: SchemaForm): Record<string, unknown> {
  const schema = dataSchemasOf(type)[form];
  return {
    ...z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }),
    $id: form === 'sealed' ? dataSchemaOf(type) : dataSchemaOf(type).replace('.json', '.opened.json'),
    title: `${type} v${schemaVersion}, ${form}`,
  };
}

export function allJsonSchemas(): Record<string, unknown>[] {
  return eventTypes.flatMap((type) => [jsonSchemaOf(type, 'sealed'), jsonSchemaOf(type, 'opened')]);
}
