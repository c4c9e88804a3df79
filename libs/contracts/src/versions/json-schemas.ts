import { z } from 'zod';
import { accessDataSchema, accessDataSchemaUri, accessEventType } from '../events/access-event.js';
import { type SchemaForm, schemaForms } from '../events/event-schemas.js';
import { type EventType, eventTypes } from '../events/event-types.js';
import { dataSchemaOf, latestVersionOf, versionsOf } from './event-versions.js';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * The JSON Schema (2020-12) of an event's `data`, as it travels or as libs/consumer opens it. Members that it does not
 * name are let through: a later day adds some without a new version.
 * @throws {RangeError} when there is no such version
 */
export function jsonSchemaOf(
  type: EventType,
  form: SchemaForm,
  version = latestVersionOf(type),
): Record<string, unknown> {
  const found = versionsOf(type)[version - 1];
  if (!found) throw new RangeError(`${type} has no version ${version}`);
  return {
    ...publishedForm(found.schemas[form]),
    $id: form === 'sealed' ? dataSchemaOf(type, version) : openedSchemaOf(type, version),
    title: `${type} v${version}, ${form}`,
  };
}

const openedSchemaOf = (type: EventType, version: number): string =>
  dataSchemaOf(type, version).replace('.json', '.opened.json');

/** A zod schema as it is published: open to members that are added later. */
export function publishedForm(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'output',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
}

/** Every version of every event in both forms, and the audit's own. */
export function allJsonSchemas(): Record<string, unknown>[] {
  const ofType = (type: EventType) =>
    Array.from({ length: latestVersionOf(type) }, (_, index) =>
      schemaForms.map((form) => jsonSchemaOf(type, form, index + 1)),
    ).flat();
  return [...eventTypes.flatMap(ofType), accessJsonSchema()];
}

export function accessJsonSchema(): Record<string, unknown> {
  return { ...publishedForm(accessDataSchema), $id: accessDataSchemaUri, title: `${accessEventType} v1` };
}
