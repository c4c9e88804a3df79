import { setTimeout as delay } from 'node:timers/promises';

export interface BackOff {
  /** Longest pause after the first failure. */
  baseMs: number;
  /** Longest pause after many failures. */
  maxMs: number;
}

/** Exponential with jitter: between half and all of `base × 2^failures`, so that replicas do not knock in step. */
export function backOffMs(failures: number, { baseMs, maxMs }: BackOff): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(failures, 30));
  return ceiling / 2 + Math.random() * (ceiling / 2);
}

/** Waits, or returns at once when the signal is given: a shutdown does not sit out a pause. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

/** Waits for `work` at most so long; `false` says that it was not done by then and goes on unwatched. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  try {
    return await Promise.race([
      work.then(
        () => true,
        () => true,
      ),
      delay(ms, false, { signal: timer.signal }),
    ]);
  } finally {
    timer.abort();
  }
}
