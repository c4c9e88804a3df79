import {
  type Arbitrary,
  array,
  boolean,
  constant,
  constantFrom,
  dictionary,
  double,
  integer,
  jsonValue,
  oneof,
  option,
  record,
  string,
  tuple,
  uuid,
} from 'fast-check';
import { examplesOf, type Operation, type Parameter, type Schema } from './documents.js';
import { hostileBodies, hostileText } from './hostile-values.js';

/** A request as it goes over the wire. */
export interface WildRequest {
  operation: Operation;
  path: string;
  headers: Record<string, string>;
  body: Buffer | undefined;
}

const mostly = <T>(likely: Arbitrary<T>, unlikely: Arbitrary<T>): Arbitrary<T> =>
  oneof({ arbitrary: likely, weight: 4 }, { arbitrary: unlikely, weight: 1 });

/** Requests that follow an operation's description, and stray from it. @param ids of customers that exist */
export function requestsOf(operation: Operation, ids: readonly string[]): Arbitrary<WildRequest> {
  const { parameters = [], requestBody } = operation.described;
  const valuesIn = (place: Parameter['in']): Arbitrary<Record<string, string | null>> =>
    record(
      Object.fromEntries(
        parameters
          .filter((one) => one.in === place)
          .map((one) => [one.name, option(textOf(one, ids), { freq: one.required ? 20 : 2 })]),
      ),
    );
  const types = Object.keys(requestBody?.content ?? {});
  const [first] = Object.values(requestBody?.content ?? {});
  return record({
    inPath: valuesIn('path'),
    inQuery: valuesIn('query'),
    inHeaders: valuesIn('header'),
    stray: mostly<string>(constant(''), hostileText),
    type: mostly<string>(
      constantFrom(...(types.length > 0 ? types : ['application/json'])),
      constantFrom('text/plain', 'application/xml', 'text/csv', '', 'application/json; charset=utf-16'),
    ),
    body: mostly<Buffer>(
      valueOf(first?.schema ?? {}, ids).map((value) => Buffer.from(JSON.stringify(value) ?? '')),
      oneof(
        hostileBodies,
        jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
      ),
    ),
  }).map(({ inPath, inQuery, inHeaders, stray, type, body }) => {
    const query = Object.entries(inQuery).flatMap(([name, value]) =>
      value === null ? [] : [`${name}=${encoded(value)}`],
    );
    const headers: Record<string, string> = requestBody && type ? { 'content-type': type } : {};
    for (const [name, value] of Object.entries(inHeaders))
      if (value !== null) headers[name] = sendable(value);
    if (stray) query.push(`${encoded(stray)}=${encoded(stray)}`);
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encoded(inPath[name] ?? 'x'));
    return {
      operation,
      path: query.length > 0 ? `${path}?${query.join('&')}` : path,
      headers,
      body: requestBody ? body : undefined,
    };
  });
}

function textOf(parameter: Parameter, ids: readonly string[]): Arbitrary<string> {
  // Half a minute of waiting is documented, and not what this is about.
  if (parameter.name === 'wait') return mostly<string>(constant('5ms'), constantFrom('', 'x', '-1s', '1e9s'));
  if (parameter.name === 'Idempotency-Key')
    return mostly<string>(uuid(), constantFrom('k', '"k"', 'a b', '"'));
  if (/^if-/i.test(parameter.name))
    return mostly<string>(constantFrom('*', '"1"', '"2"', 'W/"1"', '"1", "2"'), hostileText);
  return mostly<string>(
    valueOf(parameter.schema ?? {}, ids).map((value) =>
      typeof value === 'string' ? value : JSON.stringify(value),
    ),
    hostileText,
  );
}

/** Values that a schema allows, most of the time. */
function valueOf(schema: Schema, ids: readonly string[]): Arbitrary<unknown> {
  if (schema.const !== undefined) return constant(schema.const);
  if (schema.enum) return constantFrom(...schema.enum);
  const [choice, ...choices] = schema.anyOf ?? schema.oneOf ?? [];
  if (choice) return oneof(...[choice, ...choices].map((one) => valueOf(one, ids)));
  const examples = examplesOf(schema);
  if (examples.length > 0 && schema.type !== 'object') {
    return mostly<unknown>(constantFrom(...examples), string());
  }
  switch (schema.type) {
    case 'string':
      return stringOf(schema, ids);
    case 'integer':
      return integer({ min: schema.minimum ?? -10, max: Math.min(schema.maximum ?? 500, 1_000) });
    case 'number':
      return double({ noNaN: true });
    case 'boolean':
      return boolean();
    case 'null':
      return constant(null);
    case 'array':
      return array(valueOf(schema.items ?? {}, ids), { maxLength: 3 });
    case 'object':
      return objectOf(schema, ids);
    default:
      return jsonValue({ maxDepth: 3 });
  }
}

function objectOf(schema: Schema, ids: readonly string[]): Arbitrary<unknown> {
  const members = Object.entries(schema.properties ?? {});
  const known = record(
    Object.fromEntries(members.map(([name, member]) => [name, mostly(valueOf(member, ids), jsonValue())])),
    { requiredKeys: schema.required ?? [] },
  );
  const examples = examplesOf(schema) as Record<string, unknown>[];
  if (examples.length > 0) {
    const example = constantFrom(...examples);
    const number = string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 20 });
    const likely = tuple(example, number).map(([given, accountNumber]) =>
      'accountNumber' in given ? Object.assign({}, given, { accountNumber }) : given,
    );
    const altered = tuple(likely, known).map((both) => Object.assign({}, ...both) as object);
    return oneof({ arbitrary: likely, weight: 4 }, altered, known, jsonValue());
  }
  if (typeof schema.additionalProperties !== 'object') return mostly<unknown>(known, jsonValue());
  return dictionary(string({ maxLength: 12 }), valueOf(schema.additionalProperties, ids), { maxKeys: 4 });
}

function stringOf({ format, minLength, maxLength }: Schema, ids: readonly string[]): Arbitrary<string> {
  switch (format) {
    case 'uuid':
      return constantFrom(...ids);
    case 'date':
      return constantFrom('1990-02-28', '1990-02-30', '2999-01-01');
    case 'date-time':
      return constantFrom('2026-01-31T00:00:00Z', '2026-01-31T00:00:00+23:59', '0001-01-01T00:00:00Z');
    case 'email':
      return constantFrom('fuzz@example.org', 'a@b', 'ü@example.org');
    default:
      return oneof(
        string({ unit: 'grapheme', minLength: minLength ?? 0, maxLength: Math.min(maxLength ?? 60, 60) }),
        constantFrom('A1', 'FR', 'search-indexer', ...ids.slice(0, 3)),
      );
  }
}

/** Half a surrogate pair has no UTF-8: the client sends what it can. */
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());
/** What HTTP can carry in a header (RFC 9110 §5.5). */
const sendable = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?').trim();
