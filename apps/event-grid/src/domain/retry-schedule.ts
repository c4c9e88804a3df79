import type { RetryPolicy } from './subscription.js';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Event Grid's pauses after the 1st, 2nd, … failed attempt; then every 12 hours. */
const pauses = [
  10 * second,
  30 * second,
  minute,
  5 * minute,
  10 * minute,
  30 * minute,
  hour,
  3 * hour,
  6 * hour,
];
const longestPause = 12 * hour;
/** Up to a tenth later, so that what failed together does not come back together. */
const jitter = 0.1;

/** Answers that another attempt cannot change; 403 is for the subscription to say. */
const hopeless = new Set([400, 401, 413]);
/** Of 408 and 503 the handler wants more time than the first pauses give it. */
const shortestPauses: Readonly<Record<number, number>> = { 408: 2 * minute, 503: 30 * second };

export type DeadLetterReason =
  'MaxDeliveryAttemptsExceeded' | 'TimeToLiveExceeded' | 'UndeliverableDueToClientError' | 'RedirectRefused';

export type NextStep = { retryAt: Date } | { deadLetter: DeadLetterReason };

export interface Failed {
  /** Attempts so far, this one included. */
  attempts: number;
  /** The handler's answer; undefined where there was none. */
  status: number | undefined;
  /** It asks not to be called before (RFC 9110 §10.2.3). */
  retryAfterMs?: number | undefined;
  /** When the event was taken for delivery. */
  publishedAt: Date;
}

/**
 * What comes after a failed attempt.
 * @param scale shortens or stretches every pause and the time to live; 1 is Event Grid's own
 */
export function afterFailure(
  { attempts, status, retryAfterMs = 0, publishedAt }: Failed,
  policy: RetryPolicy,
  { now, scale, random = Math.random }: { now: Date; scale: number; random?: () => number },
): NextStep {
  if (status !== undefined && isHopeless(status, policy)) {
    return { deadLetter: 'UndeliverableDueToClientError' };
  }
  // It would lead past every check of the address, and there is nothing that another attempt could change.
  if (status !== undefined && status >= 300 && status < 400) return { deadLetter: 'RedirectRefused' };
  if (attempts >= policy.maxDeliveryAttempts) return { deadLetter: 'MaxDeliveryAttemptsExceeded' };
  const shortest = (status !== undefined && shortestPauses[status]) || 0;
  const asked = Math.min(retryAfterMs, longestPause);
  const pause = Math.max(pauses[attempts - 1] ?? longestPause, shortest, asked) * (1 + jitter * random());
  const retryAt = new Date(now.getTime() + pause * scale);
  return retryAt >= expiryOf(publishedAt, policy, scale) ? { deadLetter: 'TimeToLiveExceeded' } : { retryAt };
}

/**
 * What a `Retry-After` asks for, in milliseconds: seconds, or a date, held against the clock on the wall. Undefined where it
 * is neither.
 */
export function retryAfterIn(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * second;
  const until = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT$/.test(header)
    ? Date.parse(header)
    : NaN;
  return Number.isNaN(until) ? undefined : Math.max(0, until - now);
}

/** From then on an event is not delivered any more. */
export function expiryOf(publishedAt: Date, policy: RetryPolicy, scale: number): Date {
  return new Date(publishedAt.getTime() + policy.eventTimeToLiveInMinutes * minute * scale);
}

function isHopeless(status: number, { retryForbidden }: RetryPolicy): boolean {
  return hopeless.has(status) || (status === 403 && !retryForbidden);
}
