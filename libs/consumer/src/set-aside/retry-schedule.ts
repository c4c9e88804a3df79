/** Pauses after the 1st, 2nd, … failure of an event; after one more it is parked. */
export type RetryPauses = readonly number[];

/** Five attempts within 30 seconds. */
export const retryPauses: RetryPauses = [1_000, 3_000, 8_000, 14_000];

const jitter = 0.15;

/** After something that everybody needs was away, in milliseconds. */
export const awayPauseMs = 2_000;

/** What no pause between two tries exceeds, in milliseconds. */
export const longestPause = (pauses: RetryPauses): number => Math.max(awayPauseMs, ...pauses) * (1 + jitter);

/**
 * How long to wait before an event is tried again, in milliseconds, up to 15 % more or less so that what failed
 * together does not come back together; undefined when it has been tried often enough.
 */
export function pauseAfter(failures: number, pauses: RetryPauses, random = Math.random): number | undefined {
  const pause = pauses[failures - 1];
  return pause === undefined ? undefined : pause * (1 - jitter + 2 * jitter * random());
}
