import { z } from 'zod';
import { openedDataSchema } from './event-schemas.js';

/** Where a value is not of the published form; names members, never values. */
interface Misfit {
  /** A JSON pointer (RFC 6901). */
  pointer: string;
  detail: string;
}
type Check = (value: unknown) => Misfit | undefined;
type Schema = z.core.JSONSchema.BaseSchema;

/**
 * Types, required members and least lengths of a JSON Schema, in about a tenth of the time that zod takes: what the types
 * of a handler promise. Formats are not looked at, and members that the schema does not name are let through: the writer
 * checked the one, and may add the other without a new version.
 */
function checkOf(schema: Schema): Check {
  if (schema.anyOf) return anyOf(schema.anyOf.map((one) => checkOf(one)));
  if (schema.const !== undefined)
    return must(`be ${String(schema.const)}`, (value) => value === schema.const);
  switch (schema.type) {
    case 'object':
      return object(schema);
    case 'array':
      return array(checkOf((schema.items ?? {}) as Schema));
    case 'string':
      return text(schema.minLength ?? 0);
    case 'integer':
      return must('be a whole number', Number.isSafeInteger);
    case 'number':
      return must('be a number', (value) => typeof value === 'number');
    case 'boolean':
      return must('be true or false', (value) => typeof value === 'boolean');
    case 'null':
      return must('be null', (value) => value === null);
    default:
      return () => undefined;
  }
}

function must(what: string, holds: (value: unknown) => boolean): Check {
  const misfit = { pointer: '', detail: `must ${what}` };
  return (value) => (holds(value) ? undefined : misfit);
}

function text(least: number): Check {
  return must(
    least > 0 ? 'be text, and not empty' : 'be text',
    (value) => typeof value === 'string' && value.length >= least,
  );
}

/** The misfit of the first one tells most: the others are null. */
function anyOf(checks: readonly Check[]): Check {
  return (value) => {
    let first: Misfit | undefined;
    for (const check of checks) {
      const misfit = check(value);
      if (!misfit) return undefined;
      first ??= misfit;
    }
    return first;
  };
}

const below = (name: string | number, { pointer, detail }: Misfit): Misfit => ({
  pointer: `/${name}${pointer}`,
  detail,
});

function array(item: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return { pointer: '', detail: 'must be a list' };
    for (const [index, one] of value.entries()) {
      const misfit = item(one);
      if (misfit) return below(index, misfit);
    }
    return undefined;
  };
}

function object({ properties = {}, required = [], additionalProperties: others }: Schema): Check {
  const members = Object.entries(properties).map(
    ([name, schema]) => [name, checkOf(schema as Schema), required.includes(name)] as const,
  );
  const other = typeof others === 'object' && Object.keys(others).length > 0 ? checkOf(others) : undefined;
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return { pointer: '', detail: 'must be an object' };
    }
    const given = value as Record<string, unknown>;
    for (const [name, check, isRequired] of members) {
      const member = given[name];
      if (member === undefined && !isRequired) continue;
      const misfit = member === undefined ? { pointer: '', detail: 'is missing' } : check(member);
      if (misfit) return below(name, misfit);
    }
    return other && inOthers(other, given, properties);
  };
}

/** The names are the customer's own, such as those of preferences: they are not repeated. */
function inOthers(
  check: Check,
  given: Readonly<Record<string, unknown>>,
  named: Readonly<Record<string, unknown>>,
): Misfit | undefined {
  for (const name in given) {
    if (name in named) continue;
    const misfit = check(given[name]);
    if (misfit) return below('*', misfit);
  }
  return undefined;
}

const opened = checkOf(z.toJSONSchema(openedDataSchema, { io: 'output', unrepresentable: 'any' }));

/**
 * Why an event's opened `data` is not what the published schema says, without any of its values: a JSON pointer and what
 * is wrong there, such as `/personal/current/givenName is missing`. Undefined when it fits.
 */
export function openedDataMisfit(data: unknown): string | undefined {
  const misfit = opened(data);
  return misfit && `${misfit.pointer || '/'} ${misfit.detail}`;
}
