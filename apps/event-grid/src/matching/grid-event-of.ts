import type { RawEvent } from '@app/consumer';
import type { GridAttributes } from '../domain/event.js';

/** CloudEvents AMQP binding 1.0 §3.1.3: attributes are application properties with one of these prefixes. */
const written = /^cloudEvents[_:]([a-z0-9]+)$/;
const mostExtensions = 50;
const mostCharacters = 1_024;

/** The attributes of an event on the hub, with the extensions of strangers as far as they are plain and short. */
export function attributesOf({
  attributes,
  applicationProperties,
}: Pick<RawEvent, 'attributes' | 'applicationProperties'>): GridAttributes {
  const extensions: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(applicationProperties).slice(0, mostExtensions)) {
    const name = written.exec(key)?.[1];
    if (name !== undefined && name !== 'specversion' && name !== 'data' && isPlain(value)) {
      extensions[name] = value;
    }
  }
  return { ...extensions, ...attributes };
}

const isPlain = (value: unknown): boolean =>
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'string' && value.length <= mostCharacters && !value.includes('\0'));
