import type { GridAttributes, GridEvent } from './event.js';
import type { DeliverySchema, PersonalDataChoice } from './subscription.js';

/** What goes over the wire. */
export interface Envelope {
  contentType: string;
  body: string;
}

/**
 * CloudEvents 1.0 in structured mode, one object (HTTP binding §3.2), or an array with one event of Event Grid's schema.
 * @param data as the subscription wants it
 */
export function envelopeOf(schema: DeliverySchema, { attributes, data }: GridEvent): Envelope {
  return schema === 'CloudEventSchemaV1_0'
    ? {
        contentType: 'application/cloudevents+json; charset=utf-8',
        body: JSON.stringify(cloudEvent(attributes, data)),
      }
    : { contentType: 'application/json; charset=utf-8', body: JSON.stringify([gridEvent(attributes, data)]) };
}

export function cloudEvent(attributes: GridAttributes, data: unknown): object {
  return { specversion: '1.0', ...attributes, ...(data === undefined ? {} : { data }) };
}

/** Every member of the schema is there; what is no member of it has no place in it. */
export function gridEvent(attributes: GridAttributes, data: unknown): object {
  return {
    id: attributes.id,
    topic: attributes.source,
    subject: attributes.subject ?? '',
    eventType: attributes.type,
    eventTime: attributes.time ?? '',
    data: data ?? null,
    dataVersion: versionIn(attributes.dataschema) ?? textOf(attributes['dataversion']) ?? '',
    metadataVersion: '1',
  };
}

/** `/schemas/AddressChanged/v1.json` is of version 1. */
const versionIn = (dataschema: string | undefined): string | undefined =>
  dataschema === undefined ? undefined : /\/v(\d+)(?:\.json)?$/.exec(dataschema)?.[1];

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** `data` without what may not go out. What is opened has been opened before. */
export function withPersonal(data: unknown, choice: PersonalDataChoice): unknown {
  if (choice !== 'omitted' || typeof data !== 'object' || data === null || Array.isArray(data)) return data;
  const { personal: _, ...rest } = data as { personal?: unknown };
  return rest;
}
