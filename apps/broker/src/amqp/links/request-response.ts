import { message, types, type Receiver } from '../rhea.js';
import { layoutOf } from '../wire/messages.js';
import { WireError } from '../wire/wire-error.js';
import { errorOf } from '../errors.js';
import type { Delivery, LinkContext } from './server-link.js';

/**
 * A request on `$cbs` or `$management`. Its answer goes to the link that `replyTo` names; without it, as the
 * Python client leaves it out, to the link of the same session that receives from the same address.
 */
export interface Request {
  readonly replyTo: string | undefined;
  readonly messageId: unknown;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

export interface Answer {
  readonly status: number;
  readonly description: string;
  readonly condition?: string;
  /** Values as rhea encodes them. */
  readonly body?: Record<string, unknown>;
}

/** Takes a request; one that is not sound says nowhere whom to answer, so it is rejected, and undefined here. */
export function takeRequest(bytes: Buffer, delivery: Delivery): Request | undefined {
  try {
    const request = readRequest(bytes);
    delivery.accept();
    return request;
  } catch (error) {
    delivery.reject(error instanceof WireError ? errorOf(error) : unreadable);
    return undefined;
  }
}

/** §2.8.15 */
const unreadable = {
  condition: 'amqp:decode-error',
  description: 'The request is no message that can be read.',
};

/** @throws WireError, and what rhea throws at what it cannot read */
function readRequest(bytes: Buffer): Request {
  layoutOf(bytes, 'optional');
  const decoded = message.decode(bytes) as unknown as Record<string, unknown>;
  const properties = (decoded['application_properties'] ?? {}) as Record<string, unknown>;
  return {
    replyTo: typeof decoded['reply_to'] === 'string' ? decoded['reply_to'] : undefined,
    messageId: messageId(decoded['message_id']),
    properties,
    body: decoded['body'],
  };
}

/** §3.2.11–14: rhea reads a uuid and binary as a Buffer, and writes every Buffer as a uuid, of whatever length. */
const messageId = (id: unknown): unknown =>
  Buffer.isBuffer(id) && id.length !== 16 ? types.wrap_binary(id) : id;

/** A property that should be text, as text; what has members could be anything, its `toString` too. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** Azure names the status in two spellings, depending on the endpoint; clients look for either. */
export function answer(
  context: LinkContext,
  link: Receiver,
  request: Request,
  { status, description, condition, body }: Answer,
): void {
  const reply = message.encode({
    correlation_id: request.messageId,
    application_properties: {
      'status-code': types.wrap_int(status),
      statusCode: types.wrap_int(status),
      'status-description': description,
      statusDescription: description,
      ...(condition === undefined ? {} : { 'error-condition': types.wrap_symbol(condition) }),
    },
    body: body === undefined ? null : types.wrap_map(body),
  });
  context.reply(link, request.replyTo, reply);
}
