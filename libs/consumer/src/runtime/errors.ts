import { isUnavailable } from '@app/service-defaults';

/** A handler threw. `eventId` names the event, where one alone was in its hands. */
export class HandlerFailedError extends Error {
  readonly code = 'HANDLER_FAILED';

  constructor(
    readonly eventId: string | undefined,
    cause: unknown,
  ) {
    super(`a handler failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Thrown by a handler for an event that another try cannot help: it is parked at once. */
export class NonRetryableError extends Error {
  readonly code = 'NON_RETRYABLE';
  readonly canRetry = false;
}

/** Thrown by a batch handler that knows which event it was: the others need not be halved to find it. */
export class EventFailedError extends Error {
  readonly code = 'EVENT_FAILED';

  constructor(
    readonly eventId: string,
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Thrown by a handler when something that every event needs is away: the partition waits, and nobody is set aside. */
export class PausePartitionError extends Error {
  readonly code = 'PAUSE_PARTITION';
}

export type FailureKind = 'infrastructure' | 'conflict' | 'handler';

/**
 * Whose fault an error in a batch's transaction is:
 * - `infrastructure`: the database or the key service is away; wait, and blame no event
 * - `conflict`: deadlock, serialization failure or a race with a drainer; again, and a smaller batch gets through
 * - `handler`: anything else. A service of the handler's own that is away is that, too: it may be away for one customer only.
 *
 * Looks through the causes, because handlers and TypeORM wrap what the driver throws.
 */
export function failureOf(error: unknown): FailureKind {
  let inHandler = false;
  let database = false;
  for (let current: unknown = error, depth = 0; current && depth < 8; depth++) {
    const { code, driverError, cause, constraint } = current as Record<string, unknown>;
    if (code === 'HANDLER_FAILED') inHandler = true;
    if (driverError !== undefined) database = true;
    if (typeof code === 'string' && conflicts.has(code)) return 'conflict';
    if (typeof constraint === 'string' && races.has(constraint)) return 'conflict';
    if (typeof code === 'string' && ours.has(code)) return 'infrastructure';
    if (code === idleTooLong) return inHandler ? 'handler' : 'infrastructure';
    current = driverError ?? cause;
  }
  return isUnavailable(error) && (database || !inHandler) ? 'infrastructure' : 'handler';
}

/** The event that a failure names, if it does. */
export function culpritOf(error: unknown): string | undefined {
  for (let current: unknown = error, depth = 0; current && depth < 8; depth++) {
    const { eventId, cause } = current as Record<string, unknown>;
    if (typeof eventId === 'string') return eventId;
    current = cause;
  }
  return undefined;
}

/** Whether a statement was refused because an earlier one of its transaction had failed: whose that was is not known. */
export function isAfterFailure(error: unknown): boolean {
  for (let current: unknown = error, depth = 0; current && depth < 8; depth++) {
    const { code, driverError, cause } = current as Record<string, unknown>;
    if (code === inFailedTransaction) return true;
    current = driverError ?? cause;
  }
  return false;
}

/** in_failed_sql_transaction */
const inFailedTransaction = '25P02';
/** serialization_failure, deadlock_detected, lock_not_available (PostgreSQL manual, appendix A). */
const conflicts = new Set(['40001', '40P01', '55P03']);
/** What two transactions that meet at one event or customer may run into; the second look sees the first's rows. */
const races = new Set(['inbox_pkey', 'set_aside_event_customer_id_fkey']);
/** Beside what is unavailable to every service. */
const ours = new Set(['NO_PERSONAL_DATA_KEYS', 'NO_SERVICE_TOKEN', 'PAUSE_PARTITION']);
/** idle_in_transaction_session_timeout: a handler that waited for something else, or a process that stood still. */
const idleTooLong = '25P03';
