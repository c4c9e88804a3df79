/** What became of handing one mail to the SMTP server. */
export type Delivery =
  | { outcome: 'sent' }
  /** This mail was refused for now. */
  | { outcome: 'retry'; reason: string }
  /** This mail was refused for good. */
  | { outcome: 'refused'; reason: string }
  /** The server cannot be reached or serves nobody: no mail is to blame. */
  | { outcome: 'unavailable'; reason: string };

/** A delivery that counts as an attempt at this very mail. */
export type Counted = Exclude<Delivery, { outcome: 'unavailable' }>;

/** What a notification's row becomes; `retryInMs` says when it is tried again. */
export type NextState = { attempts: number; reason: string | null } & (
  { status: 'sent' | 'failed'; retryInMs: null } | { status: 'queued'; retryInMs: number }
);

export const mostAttempts = 10;
const firstRetryMs = 2_000;
export const longestRetryMs = 15 * 60_000;

/**
 * The states of a notification:
 *
 *   queued ──250──▶ sent
 *   queued ──4xx──▶ queued, later each time ──10 times──▶ failed
 *   queued ──5xx──▶ failed
 *   queued ──server away──▶ as it is
 *
 * @param attempts made before this one. @param jitter 0 to 1.
 */
export function nextState(attempts: number, delivery: Counted, jitter: number): NextState {
  const made = { attempts: attempts + 1 };
  if (delivery.outcome === 'sent') return { ...made, status: 'sent', reason: null, retryInMs: null };
  const { reason } = delivery;
  if (delivery.outcome === 'refused' || made.attempts >= mostAttempts) {
    return { ...made, status: 'failed', reason, retryInMs: null };
  }
  const delay = Math.min(firstRetryMs * 2 ** attempts, longestRetryMs);
  return { ...made, status: 'queued', reason, retryInMs: Math.round(delay * (0.5 + jitter / 2)) };
}
