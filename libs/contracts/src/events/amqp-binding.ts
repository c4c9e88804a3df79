import { isPlainText } from '../plain-text.js';
import type { EventAttributes } from './cloud-event.js';

/**
 * CloudEvents AMQP protocol binding 1.0, binary content mode (§3.1): every attribute is an application property with
 * the prefix `cloudEvents_` or `cloudEvents:`; `datacontenttype` is the message's content-type; `data` is the body.
 */
const writtenPrefix = 'cloudEvents_';
const acceptedPrefixes = [writtenPrefix, 'cloudEvents:'];

export type ApplicationProperties = Record<string, string | number>;

export const jsonContentType = 'application/json';

export function toApplicationProperties(attributes: EventAttributes): ApplicationProperties {
  const properties: ApplicationProperties = { [`${writtenPrefix}specversion`]: '1.0' };
  for (const name of attributeNames) {
    const value = attributes[name];
    if (value !== undefined && name !== 'datacontenttype') properties[writtenPrefix + name] = value;
  }
  return properties;
}

/** One attribute, read without building the whole set: what a consumer filters by. */
export function attributeOf(
  properties: Readonly<Record<string, unknown>> | undefined,
  name: string,
): unknown {
  if (properties === undefined) return undefined;
  return properties[writtenPrefix + name] ?? properties[`cloudEvents:${name}`];
}

/** More than any sensible id, source or subject needs, and less than an index of PostgreSQL can hold. */
const maxAttributeBytes = 1024;

export type AttributesResult =
  { success: true; attributes: EventAttributes } | { success: false; reason: string };

/** Reads and checks the required attributes (CloudEvents 1.0 §3); a message that is no CloudEvent says why. */
export function attributesFrom(properties: Readonly<Record<string, unknown>> | undefined): AttributesResult {
  const found = readAll(properties);
  for (const name of required) {
    if (typeof found[name] !== 'string' || found[name] === '') {
      return { success: false, reason: `the CloudEvents attribute "${name}" is missing` };
    }
  }
  if (found['specversion'] !== '1.0') {
    return {
      success: false,
      reason: `CloudEvents specversion ${JSON.stringify(found['specversion'])} is not 1.0`,
    };
  }
  const attributes: Record<string, unknown> = {};
  for (const name of attributeNames) {
    const value = found[name];
    if (value === undefined || value === null) continue;
    const wanted =
      name === 'customerversion' ? Number(value) : value instanceof Date ? value.toISOString() : value;
    if (typeof wanted === 'number' ? !Number.isSafeInteger(wanted) : typeof wanted !== 'string') {
      return { success: false, reason: `the CloudEvents attribute "${name}" has a wrong type` };
    }
    // CloudEvents 1.0 §2: a String has no control characters.
    if (typeof wanted === 'string' && !isPlainText(wanted)) {
      return { success: false, reason: `the CloudEvents attribute "${name}" has control characters` };
    }
    if (typeof wanted === 'string' && isTooLong(wanted)) {
      return {
        success: false,
        reason: `the CloudEvents attribute "${name}" is longer than ${maxAttributeBytes} bytes`,
      };
    }
    attributes[name] = wanted;
  }
  return { success: true, attributes: attributes as unknown as EventAttributes };
}

const attributeNames = [
  'id',
  'type',
  'source',
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
  'traceparent',
  'customerversion',
  'republished',
] as const satisfies readonly (keyof EventAttributes)[];

const required = ['specversion', 'id', 'type', 'source'] as const;

/** Names as they are written on the wire, made once: every event is read by them. */
const wireNames = (['specversion', ...attributeNames] as const).map((name) => ({
  name,
  keys: acceptedPrefixes.map((prefix) => prefix + name),
}));

function readAll(properties: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  if (properties === undefined) return found;
  for (const { name, keys } of wireNames) {
    for (const key of keys) found[name] ??= properties[key];
  }
  return found;
}

/** A character is three bytes of UTF-8 at most, for each unit of a string's length. */
const isTooLong = (text: string): boolean =>
  text.length * 3 > maxAttributeBytes && Buffer.byteLength(text) > maxAttributeBytes;
