import type { z } from 'zod';
import { firstSchemas, type SchemaForm } from '../events/event-schemas.js';
import type { EventType } from '../events/event-types.js';

/** A version of an event's data. One that has been published stays; what would break it becomes the next, beside it. */
export interface EventVersion {
  schemas: Record<SchemaForm, z.ZodType>;
  /** Makes this version's opened data of the one's before; the first version has none. Never touches what it is given. */
  upcast?: (before: unknown) => unknown;
}

/** A type's versions, the first one first. */
export type EventVersions = readonly [EventVersion, ...EventVersion[]];

/**
 * The versions behind the first, by type:
 *
 *     AddressChanged: [{ schemas: { sealed, opened }, upcast: (before) => ({ ...before, … }) }],
 */
const laterVersions: Partial<Record<EventType, readonly EventVersion[]>> = {};

export function versionsOf(type: EventType): EventVersions {
  return [{ schemas: firstSchemas(type) }, ...(laterVersions[type] ?? [])];
}

/** How many there are, known without making them: every event that is read is held against it. */
export const latestVersionOf = (type: EventType): number => 1 + (laterVersions[type]?.length ?? 0);

/** The CloudEvents `dataschema` of the version that is written, a URI reference below the profile service. */
export function dataSchemaOf(type: EventType, version = latestVersionOf(type)): string {
  return `/schemas/${type}/v${version}.json`;
}

/** `/schemas/<type>/v<n>.json`, alone or at the end of a URL. */
const dataSchemaForm = /^(?:https?:\/\/[^/]+)?\/schemas\/([A-Za-z]{1,64})\/v(\d{1,6})\.json$/;

/** The version of its type that `dataschema` names; the latest where it does not say; undefined where it is unknown. */
export function versionNamed(
  type: EventType,
  dataschema: string | undefined,
  latest = latestVersionOf(type),
): number | undefined {
  if (dataschema === undefined) return latest;
  const [, name, digits] = dataSchemaForm.exec(dataschema) ?? [];
  const version = Number(digits);
  return name === type && version >= 1 && version <= latest ? version : undefined;
}

/** Why an event's data is of no form that this platform's code knows; undefined when it is, or when it does not say. */
export function unknownDataSchema(type: EventType, dataschema: string | undefined): string | undefined {
  if (dataschema === undefined || versionNamed(type, dataschema) !== undefined) return undefined;
  const [, name, version] = dataSchemaForm.exec(dataschema) ?? [];
  const found = name === undefined ? 'no schema of this platform' : `${name} v${version}`;
  const latest = latestVersionOf(type);
  return `dataschema names ${found}; known is ${type} v1${latest > 1 ? ` to v${latest}` : ''}`;
}

/**
 * Opened data of any known version as the latest has it, so that a handler knows one form only. Of an event that has no
 * version here, or the latest, the data itself.
 */
export function upcastData(
  type: EventType,
  dataschema: string | undefined,
  data: unknown,
  versions?: EventVersions,
): unknown {
  const latest = versions?.length ?? latestVersionOf(type);
  const written = versionNamed(type, dataschema, latest) ?? latest;
  if (written === latest) return data;
  return (versions ?? versionsOf(type))
    .slice(written)
    .reduce((before, { upcast }) => (upcast ? upcast(before) : before), data);
}
