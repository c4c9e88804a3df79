import type { WantedEvent } from './select-events.js';

export type ReadResult = { success: true; data: unknown } | { success: false; reason: string };

/** The JSON in an event's body; an event without data (CloudEvents 1.0 §3.1) reads as undefined. */
export function readData({ body }: Pick<WantedEvent, 'body'>): ReadResult {
  if (body.length === 0) return { success: true, data: undefined };
  try {
    return { success: true, data: JSON.parse(body.toString('utf8')) };
  } catch {
    // The parser's message quotes the text, which may be personal: it is not handed on.
    return { success: false, reason: 'the body is not JSON' };
  }
}
