/** A handler took longer than it may. Its event is set aside, and what it wrote is not kept. */
export class HandlerTimeoutError extends Error {
  readonly code = 'HANDLER_TIMEOUT';

  constructor(ms: number) {
    super(`the handler did not end within ${ms / 1_000} s`);
  }
}

/**
 * Waits for a handler so long; one that never ends would hold its partition up for ever. A bare timer: one that is
 * aborted makes an error a call, a tenth of the processor time of a short handler.
 *
 * @throws {HandlerTimeoutError}
 */
export async function inTime<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HandlerTimeoutError(ms)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
