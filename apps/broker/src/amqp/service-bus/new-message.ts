import { randomUUID } from 'node:crypto';
import type { FilterableMessage } from '../../service-bus/filters/filter.js';
import type { NewMessage } from '../../service-bus/sending.js';
import { badRequest } from '../../service-bus/errors.js';
import { message as codec } from '../rhea.js';
import { layoutOf, splitBatch } from '../wire/messages.js';
import { string } from './encode.js';
import { listSection, piecesOf, sectionsOf } from './sections.js';

/** §3 of Azure's contracts: a message of this format holds others, one a data section. */
const BATCH_FORMAT = 0x80013700;
const NULL_CODE = 0x40;
const MAX_ID_CHARACTERS = 128;

/**
 * Checks what was sent and takes it apart.
 * @throws WireError amqp:decode-error; ServiceBusError
 */
export function readNewMessages(message: Buffer, format: number): NewMessage[] {
  if (format !== BATCH_FORMAT) {
    layoutOf(message);
    return [readNewMessage(message)];
  }
  return splitBatch(message).messages.map(({ from, to }) => readNewMessage(message.subarray(from, to)));
}

/** One message that has been checked. @throws ServiceBusError */
export function readNewMessage(given: Buffer): NewMessage {
  const bytes = withMessageId(given);
  const { bodyAt } = sectionsOf(bytes);
  const head = codec.decode(bytes.subarray(0, bodyAt)) as unknown as Record<string, unknown>;
  const annotations = (head['message_annotations'] ?? {}) as Record<string, unknown>;
  const id = textOf(head['message_id']);
  if (id.length > MAX_ID_CHARACTERS)
    throw badRequest(`a MessageId has at most ${MAX_ID_CHARACTERS} characters`);
  const session = head['group_id'];
  const ttl = head['ttl'];
  return {
    bytes,
    id,
    session: typeof session === 'string' ? session : undefined,
    ttlMs: typeof ttl === 'number' ? ttl : undefined,
    scheduledFor: timeOf(annotations['x-opt-scheduled-enqueue-time']),
    filterable: () => filterable(head),
  };
}

/** The client settles by it; Azure gives one where there is none. */
function withMessageId(message: Buffer): Buffer {
  const { properties, propertiesAt, applicationPropertiesAt } = sectionsOf(message);
  const fields = piecesOf(message, properties);
  if (fields[0] !== undefined && fields[0][0] !== NULL_CODE) return message;
  const section = listSection('properties', [string(randomUUID().replaceAll('-', '')), ...fields.slice(1)]);
  return Buffer.concat([
    message.subarray(0, propertiesAt),
    section,
    message.subarray(applicationPropertiesAt),
  ]);
}

/** A message id may be text, a number, a uuid or binary (§3.2.11–14). */
const textOf = (id: unknown): string => (Buffer.isBuffer(id) ? id.toString('hex') : String(id));

const timeOf = (value: unknown): number | undefined =>
  value instanceof Date ? value.getTime() : typeof value === 'number' ? value : undefined;

function filterable(head: Record<string, unknown>): FilterableMessage {
  const text = (name: string): string | undefined => {
    const value = head[name];
    return value === undefined || value === null ? undefined : textOf(value);
  };
  return {
    system: {
      messageid: text('message_id'),
      correlationid: text('correlation_id'),
      to: text('to'),
      replyto: text('reply_to'),
      label: text('subject'),
      sessionid: text('group_id'),
      replytosessionid: text('reply_to_group_id'),
      contenttype: text('content_type'),
    },
    application: (head['application_properties'] ?? {}) as Record<string, unknown>,
  };
}
