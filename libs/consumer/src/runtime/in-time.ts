import { setTimeout as delay } from 'node:timers/promises';

/** A handler took longer than it may. Its event is set aside, and what it wrote is not kept. */
export class HandlerTimeoutError extends Error {
  readonly code = 'HANDLER_TIMEOUT';

  constructor(ms: number) {
    super(`the handler did not end within ${ms / 1_000} s`);
  }
}

/** Waits for a handler so long; one that never ends would hold its partition up for ever. @throws {HandlerTimeoutError} */
export async function inTime<T>(ms: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = delay(ms, undefined, { signal: timer.signal }).then(() => {
    throw new HandlerTimeoutError(ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
    // The loser of the race is heard by nobody: the abort of the timer, or whatever the handler still throws.
    late.catch(() => undefined);
    work.catch(() => undefined);
  }
}
