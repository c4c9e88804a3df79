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
    if (typeof code === 'string') {
      if (conflicts.has(code)) return 'conflict';
      if (infrastructure.test(code)) return 'infrastructure';
    }
    if (typeof message === 'string' && lostConnection.test(message)) return 'infrastructure';
    current = driverError ?? cause;
  }
  return 'handler';
}

/** serialization_failure, deadlock_detected, lock_not_available (PostgreSQL manual, appendix A). */
const conflicts = new Set(['40001', '40P01', '55P03']);
/** Classes 08 connection, 53 resources, 57P shutdown, 58 system; idle-in-transaction time-out; sockets; the key service. */
const infrastructure =
  /^(08|53|57P|58)[0-9A-Z]+$|^25P03$|^E(CONN|PIPE|TIMEDOUT|HOST|NET|AI_)|^ENOTFOUND$|^NO_PERSONAL_DATA_KEYS$|^NO_SERVICE_TOKEN$/;
/** What pg says without a code. */
const lostConnection =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed/;
