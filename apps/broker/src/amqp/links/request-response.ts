import { message, types } from '../rhea.js';
import { layoutOf } from '../wire/messages.js';
import { WireError } from '../wire/wire-error.js';
import type { LinkContext } from './server-link.js';

/** A request on `$cbs` or `$management`; its answer goes to the link that `replyTo` names. */
export interface Request {
  readonly replyTo: string;
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

/** Answers undefined for a message that nobody could answer: not sound, or without `reply-to`. */
export function readRequest(bytes: Buffer): Request | undefined {
  try {
    layoutOf(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
  const decoded = message.decode(bytes) as unknown as Record<string, unknown>;
  const replyTo = decoded['reply_to'];
  if (typeof replyTo !== 'string') return undefined;
  const properties = (decoded['application_properties'] ?? {}) as Record<string, unknown>;
  return { replyTo, messageId: decoded['message_id'], properties, body: decoded['body'] };
}

/** Azure names the status in two spellings, depending on the endpoint; clients look for either. */
export function answer(
  context: LinkContext,
  request: Request,
  { status, description, condition, body }: Answer,
): void {
  const reply = message.encode({
    correlation_id: request.messageId,
    application_properties: {
      'status-code': types.wrap_int(status),
      'status-description': description,
      ...(condition === undefined ? {} : { 'error-condition': types.wrap_symbol(condition) }),
    },
    body: body === undefined ? null : types.wrap_map(body),
  });
  context.reply(request.replyTo, reply);
}
