import type { ReceivedEventData } from '@app/event-hubs';

/** A message as it is kept aside, in JSON, besides its body: enough to give a handler what it would have had. */
export interface StoredMessage {
  properties: Record<string, StoredValue>;
  offset: string;
  enqueuedTime: string;
  partitionKey?: string;
  contentType?: string;
  messageId?: string | number;
  correlationId?: string | number;
}

/** AMQP's simple types that JSON lacks are kept under their names. */
type StoredValue =
  | string
  | number
  | boolean
  | null
  | { timestamp: string }
  | { binary: string }
  | { long: string }
  | { json: unknown };

export function storedMessageOf(received: ReceivedEventData): StoredMessage {
  const properties = Object.entries(received.properties ?? {}).map(([name, value]) => [name, stored(value)]);
  const { offset, enqueuedTimeUtc, partitionKey, contentType, messageId, correlationId } = received;
  return {
    properties: Object.fromEntries(properties) as Record<string, StoredValue>,
    offset,
    enqueuedTime: enqueuedTimeUtc.toISOString(),
    ...(typeof partitionKey === 'string' && { partitionKey }),
    ...(contentType !== undefined && { contentType }),
    ...(isId(messageId) && { messageId }),
    ...(isId(correlationId) && { correlationId }),
  };
}

export function receivedFrom(
  message: StoredMessage,
  sequenceNumber: number,
  body: Buffer,
): ReceivedEventData {
  const { properties, enqueuedTime, partitionKey, ...rest } = message;
  const restored = Object.entries(properties).map(([name, value]) => [name, restore(value)]);
  return {
    ...rest,
    body,
    sequenceNumber,
    enqueuedTimeUtc: new Date(enqueuedTime),
    partitionKey: partitionKey ?? null,
    properties: Object.fromEntries(restored) as Record<string, unknown>,
    getRawAmqpMessage: () => {
      throw new Error('an event that was set aside is kept without its AMQP envelope');
    },
  };
}

function stored(value: unknown): StoredValue {
  if (value === null || ['string', 'boolean'].includes(typeof value)) return value as StoredValue;
  if (typeof value === 'number') return Number.isFinite(value) ? value : { json: String(value) };
  if (typeof value === 'bigint') return { long: String(value) };
  if (value instanceof Date) return { timestamp: value.toISOString() };
  if (value instanceof Uint8Array) return { binary: Buffer.from(value).toString('base64') };
  return { json: value ?? null };
}

function restore(value: StoredValue): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('timestamp' in value) return new Date(value.timestamp);
  if ('binary' in value) return Buffer.from(value.binary, 'base64');
  if ('long' in value) return BigInt(value.long);
  return value.json;
}

const isId = (id: unknown): id is string | number => typeof id === 'string' || typeof id === 'number';
