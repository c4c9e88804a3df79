/** AMQP 1.0 §3.2: a data section is bytes; a value section may hold a string, and then is text all the same. */
export function bytesOf(body: unknown): Buffer | undefined {
  if (Buffer.isBuffer(body)) return body;
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return typeof body === 'string' ? Buffer.from(body, 'utf8') : undefined;
}

export type JsonResult = { success: true; data: unknown } | { success: false; reason: string };

/** The JSON in a message's body; an event without data (CloudEvents 1.0 §3.1) reads as undefined. */
export function jsonOf(body: unknown): JsonResult {
  const bytes = bytesOf(body);
  if (!bytes) return { success: false, reason: 'the body is not binary' };
  if (bytes.length === 0) return { success: true, data: undefined };
  try {
    return { success: true, data: JSON.parse(bytes.toString('utf8')) };
  } catch {
    // The parser's message quotes the text, which may be personal: it is not handed on.
    return { success: false, reason: 'the body is not JSON' };
  }
}
