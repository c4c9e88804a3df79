import type { JsonSchema } from '../versions/json-schemas.js';

/** Where a schema no longer keeps what its published version promises. */
export interface Break {
  /** The member, as a path below `data`: `personal.current.addresses.home.city`, `changed[]`, `consents.*`. */
  field: string;
  /** What is otherwise: `was required, is optional`. */
  what: string;
}

/** What says nothing about the values, and may change at any time. */
const annotations = new Set([
  '$id',
  '$schema',
  'title',
  'description',
  'examples',
  'deprecated',
  '$comment',
  'default',
]);
/** What is looked into, member by member. */
const structure = new Set(['properties', 'required', 'items', 'anyOf', 'additionalProperties']);

/**
 * Compares a version's schema with what was published under its name. Events of a version lie in the log for years and
 * are read by code that was made from any of its revisions: all of them must fit all of it. So a version may only gain
 * optional members; whatever else changes breaks somebody.
 */
export function breaksOf(published: JsonSchema, current: JsonSchema, field = 'data'): Break[] {
  if ((published.anyOf?.length ?? 1) !== (current.anyOf?.length ?? 1))
    return [{ field, what: `had ${published.anyOf?.length ?? 1} forms, has ${current.anyOf?.length ?? 1}` }];
  return [
    ...constraintBreaks(published, current, field),
    ...unionBreaks(published, current, field),
    ...memberBreaks(published, current, field),
    ...elementBreaks(published.items, current.items, `${field}[]`),
    ...elementBreaks(published.additionalProperties, current.additionalProperties, `${field}.*`),
  ];
}

function constraintBreaks(published: JsonSchema, current: JsonSchema, field: string): Break[] {
  const keywords = new Set([...Object.keys(published), ...Object.keys(current)]);
  const changes = [...keywords].flatMap((keyword) => {
    if (annotations.has(keyword) || structure.has(keyword)) return [];
    const [before, now] = [told(published[keyword]), told(current[keyword])];
    return before === now ? [] : [`${keyword} was ${before}, is ${now}`];
  });
  return changes.length > 0 ? [{ field, what: changes.join('; ') }] : [];
}

function memberBreaks(published: JsonSchema, current: JsonSchema, field: string): Break[] {
  const [before, now] = [published.properties ?? {}, current.properties ?? {}];
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].flatMap((name): Break[] => {
    const member = `${field}.${name}`;
    const [was, is] = [published, current].map(({ required }) => required?.includes(name) ?? false);
    if (now[name] === undefined) return [{ field: member, what: 'is gone' }];
    if (before[name] === undefined)
      return is ? [{ field: member, what: 'is new and required: events in the log lack it' }] : [];
    const within = breaksOf(before[name] as JsonSchema, now[name] as JsonSchema, member);
    if (was !== is) within.unshift({ field: member, what: `was ${need(was)}, is ${need(is)}` });
    return within;
  });
}

const need = (required: boolean | undefined): string => (required ? 'required' : 'optional');

/** Alternatives stay, each in its place: a reader may go by any of them. */
function unionBreaks({ anyOf: before }: JsonSchema, { anyOf: now }: JsonSchema, field: string): Break[] {
  return (before ?? []).flatMap((form, index) => breaksOf(form, now?.[index] ?? {}, field));
}

/** What is said of the elements of a list, or of members that have no name of their own. */
function elementBreaks(before: unknown, now: unknown, field: string): Break[] {
  if (isSchema(before) && isSchema(now)) return breaksOf(before, now, field);
  return told(before) === told(now) ? [] : [{ field, what: `was ${told(before)}, is ${told(now)}` }];
}

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const told = (value: unknown): string => (value === undefined ? 'open' : JSON.stringify(value));
