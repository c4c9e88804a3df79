import { setTimeout as delay } from 'node:timers/promises';

export interface EventuallyOptions {
  /** How long the check may go on failing; 20 s unless told. */
  timeoutMs?: number;
  /** Pause between two checks; 20 ms unless told. */
  intervalMs?: number;
}

/**
 * Waits for a state that only looking can tell: repeats `check` until it neither throws nor answers `false`,
 * and returns its answer.
 *
 * Where the part under test has a `when…()` of its own, await that.
 *
 * @throws the check's last error, or `Error` when it only ever answered `false`
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 20_000, intervalMs = 20 }: EventuallyOptions = {},
): Promise<Exclude<T, false>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      const answer = await check();
      if (answer !== false) return answer as Exclude<T, false>;
      if (performance.now() > deadline) throw new Error(`still not so after ${timeoutMs} ms`);
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await delay(intervalMs);
  }
}
