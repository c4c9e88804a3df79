import { ForbiddenAddressError } from './handler-address.js';

/** The outcome of an attempt whose address may not be called: no later one is made. */
export const addressForbidden = 'AddressForbidden';

/**
 * What to tell of a call without an answer: kinds and codes, no text that the handler has chosen.
 * @param error undefined when the time was up
 */
export function failureOf(error: unknown): { outcome: string; detail: string } {
  if (error === undefined) return { outcome: 'TimedOut', detail: 'no answer in time' };
  for (const one of causesOf(error)) {
    if (one instanceof ForbiddenAddressError) return { outcome: addressForbidden, detail: one.message };
    const { code } = one as { code?: unknown };
    if (typeof code !== 'string') continue;
    if (timeouts.has(code)) return { outcome: 'TimedOut', detail: code };
    if (unresolved.has(code)) return { outcome: 'ResolutionError', detail: code };
    return { outcome: 'SocketError', detail: code };
  }
  return { outcome: 'SocketError', detail: error instanceof Error ? error.name : 'unknown' };
}

const timeouts = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);
const unresolved = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENODATA']);

/** Several addresses were tried, each with an error of its own. */
function* causesOf(error: unknown): Generator<object> {
  if (error instanceof AggregateError) for (const one of error.errors) yield* causesOf(one);
  else if (typeof error === 'object' && error !== null) yield error;
}
