import { checkValue, contentAt, elementsOf, isEncodedAs, smallUlong } from './values.js';
import { decodeError } from './wire-error.js';

/*
 * A message as bytes (§3.2): sections in order, each a described value.
 *
 *   message = [header] [delivery-annotations] [message-annotations] [properties]
 *             [application-properties] body [footer]
 */
const HEADER = 0x70;
const DELIVERY_ANNOTATIONS = 0x71;
const MESSAGE_ANNOTATIONS = 0x72;
const DATA = 0x75;
const FOOTER = 0x78;

/** Where the parts of a message stand that the engine touches; everything from `restAt` on stays as it is. */
export interface MessageLayout {
  readonly from: number;
  readonly headerEnd: number;
  /** The entries of the message annotations. */
  readonly annotations: { readonly from: number; readonly end: number; readonly count: number } | undefined;
  readonly restAt: number;
  readonly to: number;
}

interface Section {
  readonly code: number;
  readonly valueAt: number;
  readonly end: number;
}

export function sectionAt(buffer: Buffer, at: number, limit: number): Section {
  const end = checkValue(buffer, at, limit);
  const code = buffer[at] === 0x00 ? smallUlong(buffer, at + 1) : undefined;
  if (code === undefined || code < HEADER || code > FOOTER) throw decodeError('no message section');
  return { code, valueAt: at + (buffer[at + 1] === 0x53 ? 3 : 10), end };
}

/**
 * Checks a whole message, so that no consumer is handed bytes its decoder chokes on.
 * @param body `optional` for requests: the Python client's have none
 * @param from where it begins in the buffer; `to` where it ends
 * @throws WireError amqp:decode-error
 */
export function layoutOf(
  message: Buffer,
  body: 'wanted' | 'optional' = 'wanted',
  from = 0,
  to = message.length,
): MessageLayout {
  let headerEnd = from;
  let annotations: MessageLayout['annotations'];
  let restAt = from;
  let before = HEADER - 1;
  for (let at = from; at < to;) {
    const { code, valueAt, end } = sectionAt(message, at, to);
    // Body sections may repeat; any other that comes twice or late would overrule what is stamped.
    if (code < before || (code === before && code !== DATA && code !== DATA + 1)) {
      throw decodeError('message sections out of order');
    }
    before = code;
    if (code === HEADER) headerEnd = end;
    if (code === MESSAGE_ANNOTATIONS) {
      if (!isEncodedAs(message[valueAt] as number, 'map'))
        throw decodeError('message annotations are no map');
      annotations = elementsOf(message, valueAt);
    }
    if (code <= MESSAGE_ANNOTATIONS) restAt = end;
    at = end;
  }
  if (body === 'wanted' && before < DATA) throw decodeError('a message without a body');
  return { from, headerEnd, annotations, restAt, to };
}

export { DATA, DELIVERY_ANNOTATIONS, HEADER, MESSAGE_ANNOTATIONS };

/**
 * Takes apart a message of format 0x80013700: every data section holds a whole encoded message. Answers where
 * they stand, and the entries of the batch's own annotations.
 * @throws WireError amqp:decode-error
 */
export function splitBatch(batch: Buffer): {
  messages: MessageLayout[];
  annotations: MessageLayout['annotations'];
} {
  const messages: MessageLayout[] = [];
  let annotations: MessageLayout['annotations'];
  for (let at = 0; at < batch.length;) {
    const { code, valueAt, end } = sectionAt(batch, at, batch.length);
    if (code === DATA) {
      if (!isEncodedAs(batch[valueAt] as number, 'binary'))
        throw decodeError('a data section without binary');
      messages.push(layoutOf(batch, 'wanted', contentAt(batch, valueAt), end));
    } else if (code > DATA) {
      throw decodeError('a batch holds data sections only');
    } else if (code === MESSAGE_ANNOTATIONS && isEncodedAs(batch[valueAt] as number, 'map')) {
      annotations = elementsOf(batch, valueAt);
    }
    at = end;
  }
  if (messages.length === 0) throw decodeError('a batch without a message');
  return { messages, annotations };
}
