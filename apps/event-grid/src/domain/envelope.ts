import type { GridAttributes } from './event.js';
import type { DeliverySchema } from './subscription.js';

/** What goes over the wire. */
export interface Envelope {
  contentType: string;
  body: string;
}

/**
 * CloudEvents 1.0 in structured mode, one object (HTTP binding §3.2), or an array with one event of Event Grid's schema.
 * @param data JSON text as the subscription wants it, put in as it is; undefined where the event has none
 */
export function envelopeOf(
  schema: DeliverySchema,
  attributes: GridAttributes,
  data: string | undefined,
): Envelope {
  if (schema === 'CloudEventSchemaV1_0') {
    const head = JSON.stringify({ specversion: '1.0', ...attributes });
    const body = data === undefined ? head : withData(head, data);
    return { contentType: 'application/cloudevents+json; charset=utf-8', body };
  }
  const body = `[${withData(JSON.stringify(gridMembers(attributes)), data ?? 'null')}]`;
  return { contentType: 'application/json; charset=utf-8', body };
}

/** @param head JSON text of an object with a member or more */
const withData = (head: string, data: string): string => `${head.slice(0, -1)},"data":${data}}`;

export function cloudEvent(attributes: GridAttributes, data: unknown): object {
  return { specversion: '1.0', ...attributes, ...(data === undefined ? {} : { data }) };
}

export function gridEvent(attributes: GridAttributes, data: unknown): object {
  return { ...gridMembers(attributes), data: data ?? null };
}

/** Every member of the schema but `data`; what is no member of it has no place in it. */
const gridMembers = (attributes: GridAttributes): object => ({
  id: attributes.id,
  topic: attributes.source,
  subject: attributes.subject ?? '',
  eventType: attributes.type,
  eventTime: attributes.time ?? '',
  dataVersion: versionIn(attributes.dataschema) ?? textOf(attributes['dataversion']) ?? '',
  metadataVersion: '1',
});

/** `/schemas/AddressChanged/v1.json` is of version 1. */
const versionIn = (dataschema: string | undefined): string | undefined =>
  dataschema === undefined ? undefined : /\/v(\d+)(?:\.json)?$/.exec(dataschema)?.[1];

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** `data` without what may not go out. */
export function withoutPersonal(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return data;
  const { personal: _, ...rest } = data as { personal?: unknown };
  return rest;
}
