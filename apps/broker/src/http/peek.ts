import { isUtf8 } from 'node:buffer';
import type { LogRecord } from '@app/partition-log';
import { message } from '../amqp/rhea.js';
import type { Partition } from '../engine/event-hub.js';
import { HttpProblem } from './problem.js';

const MAX_EVENTS = 100;
const MAX_BYTES = 1024 * 1024;

/**
 * Events of a partition from a sequence number on, without a link and without a trace.
 * `?from=` sequence number, by default the first that is there; `?limit=` 1 to 100, by default 10.
 * An answer holds about 1 MiB at most, one event at least.
 * @throws HttpProblem 400
 */
export async function peek({ log }: Partition, query: URLSearchParams): Promise<object> {
  const limit = wholeNumber(query, 'limit', 10);
  if (limit < 1 || limit > MAX_EVENTS) throw new HttpProblem(400, `limit must be 1 to ${MAX_EVENTS}`);
  const from = wholeNumber(query, 'from', 0);
  const cursor = await log.locate({ kind: 'sequenceNumber', value: from, inclusive: true });
  const { records } = await log.read(cursor, { maxBytes: MAX_BYTES, maxRecords: limit });
  return { items: records.map(describeEvent), nextFrom: (records.at(-1)?.sequenceNumber ?? from - 1) + 1 };
}

function wholeNumber(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (!/^\d{1,15}$/.test(text)) throw new HttpProblem(400, `${name} must be a whole number`);
  return Number(text);
}

function describeEvent({ offset, sequenceNumber, enqueuedTime, payload }: LogRecord): object {
  const decoded = message.decode(payload) as unknown as Record<string, unknown>;
  const { body, application_properties: properties, message_annotations: annotations } = decoded;
  return {
    sequenceNumber,
    offset: String(offset),
    enqueuedAt: new Date(enqueuedTime).toISOString(),
    bytes: payload.length,
    partitionKey: (annotations as Record<string, unknown> | undefined)?.['x-opt-partition-key'],
    applicationProperties: properties ?? {},
    ...describeBody(body),
  };
}

/** Only a single data section is shown; other bodies (AMQP values, sequences) are named. */
function describeBody(body: unknown): object {
  const content = (body as { content?: unknown } | null)?.content ?? body;
  if (!Buffer.isBuffer(content)) return { bodyEncoding: 'amqp' };
  if (isUtf8(content)) return { bodyEncoding: 'utf8', body: content.toString('utf8') };
  return { bodyEncoding: 'base64', body: content.toString('base64') };
}
