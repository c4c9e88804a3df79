/** What became of handing one mail to the SMTP server. */
export type Delivery =
  | { outcome: 'sent' }
  /** This mail was refused for now. */
  | { outcome: 'retry'; reason: string }
  /** This mail was refused for good. */
  | { outcome: 'refused'; reason: string }
  /** The server cannot be reached or serves nobody: no mail is to blame. */
  | { outcome: 'unavailable'; reason: string };

/** As often the queue delivers a command: MaxDeliveryCount in config/servicebus.json. */
export const mostAttempts = 10;
const firstRetryMs = 2_000;
const longestRetryMs = 15 * 60_000;

/**
 * How long a mail that was refused for now waits: longer each time, at most a quarter of an hour.
 * @param deliveries made before this one. @param jitter 0 to 1.
 */
export function retryPauseMs(deliveries: number, jitter = Math.random()): number {
  const delay = Math.min(firstRetryMs * 2 ** deliveries, longestRetryMs);
  return Math.round(delay * (0.5 + jitter / 2));
}
