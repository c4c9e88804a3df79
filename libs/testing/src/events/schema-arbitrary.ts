import * as fc from 'fast-check';
import type { JsonSchema } from '@app/contracts';

/** A schema says something that no values can be made for. */
export class UnsupportedSchemaError extends Error {
  readonly code = 'UNSUPPORTED_SCHEMA';
}

/**
 * Values that fit a JSON Schema, as far as the published ones go: objects, lists, maps, alternatives, text by pattern,
 * format and length, numbers. Optional members come and go. @throws {UnsupportedSchemaError}
 */
export function arbitraryOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => arbitraryOf(one)));
  switch (schema.type) {
    case 'object':
      return objects(schema);
    case 'array':
      return fc.array(arbitraryOf((schema.items ?? {}) as JsonSchema), { maxLength: 5 });
    case 'string':
      return texts(schema);
    case 'integer':
      return fc.integer(bounds(schema, 2 ** 31 - 1));
    case 'number':
      return fc.double({ ...bounds(schema, 1e9), noNaN: true }).map((value) => value + 0);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      throw new UnsupportedSchemaError(`no values are known for ${JSON.stringify(schema).slice(0, 100)}`);
  }
}

function objects({ properties = {}, required = [], propertyNames, additionalProperties }: JsonSchema) {
  const named = Object.entries(properties).map(([name, schema]) => [name, arbitraryOf(schema as JsonSchema)]);
  if (named.length > 0 || typeof additionalProperties !== 'object') {
    return fc.record(Object.fromEntries(named) as Record<string, fc.Arbitrary<unknown>>, {
      requiredKeys: required,
    });
  }
  const names =
    propertyNames === undefined ? fc.constantFrom('a', 'b', 'c') : texts(propertyNames as JsonSchema);
  return fc.dictionary(names, arbitraryOf(additionalProperties), { maxKeys: 3 });
}

/** What a schema does not bound: where there is no minimum, there are negative ones, too. */
function bounds({ minimum, exclusiveMinimum, maximum }: JsonSchema, most: number) {
  const least = typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : minimum;
  return { min: Math.max(least ?? -most, -most), max: Math.min(maximum ?? most, most) };
}

const instant = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

function texts({ pattern, format, minLength = 0, maxLength = 40 }: JsonSchema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time') return instant;
  if (format === 'date') return instant.map((text) => text.slice(0, 10));
  // fast-check's own go further than what the platform takes.
  if (format === 'email') return fc.stringMatching(/^[a-z]{1,9}(\.[a-z]{1,9})?@[a-z]{2,9}\.example$/);
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  // Names of people are in any script; control characters and half surrogates are not in events.
  const unit = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJ 0123456789')),
    },
    { weight: 1, arbitrary: fc.constantFrom(...Array.from(`éßøŁ’-.,"'\\%_–漢字やЖ`)) },
  );
  return fc.string({ unit, minLength, maxLength: Math.min(maxLength, 40) });
}
