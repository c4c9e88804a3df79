import { isUnavailable } from '@app/service-defaults';

/** A handler threw. The event stays where it is, and so does everything behind it. */
export class HandlerFailedError extends Error {
  readonly code = 'HANDLER_FAILED';
  readonly canRetry = true;

  constructor(
    readonly event: { id: string; type: string },
    cause: unknown,
  ) {
    super(
      `the handler of ${event.type} ${event.id} failed: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  }
}

export type Failure = 'infrastructure' | 'conflict' | 'handler';

/**
 * Whose fault an error in a batch's transaction is:
 * - `infrastructure`: the database or the key service is away; wait, and blame no event
 * - `conflict`: deadlock or serialization failure with another partition's handlers; a smaller batch gets through
 * - `handler`: anything else
 *
 * Looks through the causes, because handlers and TypeORM wrap what the driver throws.
 */
export function failureOf(error: unknown): Failure {
  for (let current: unknown = error, depth = 0; current && depth < 8; depth++) {
    const { code, driverError, cause, message } = current as Record<string, unknown>;
    if (typeof code === 'string' && conflicts.has(code)) return 'conflict';
    if (typeof code === 'string' && ours.has(code)) return 'infrastructure';
    if (message === 'Query read timeout') return 'infrastructure';
    current = driverError ?? cause;
  }
  return isUnavailable(error) ? 'infrastructure' : 'handler';
}

/** serialization_failure, deadlock_detected, lock_not_available (PostgreSQL manual, appendix A). */
const conflicts = new Set(['40001', '40P01', '55P03']);
/** Beside what is unavailable to every service: idle_in_transaction_session_timeout, and the key service. */
const ours = new Set(['25P03', 'NO_PERSONAL_DATA_KEYS', 'NO_SERVICE_TOKEN']);
