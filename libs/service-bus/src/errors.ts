import { isUnavailable } from '@app/service-defaults';

/** Thrown by a handler for a command that another try cannot help: it goes to the dead-letter queue at once. */
export class DeadLetterError extends Error {
  readonly code = 'DEAD_LETTER';
  readonly canRetry = false;

  /** @param reason a code, for whoever sorts dead letters. @param message what to do about it; nothing personal, it is kept in the clear */
  constructor(
    readonly reason: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Thrown by a handler when something that every command needs is away: all wait, and no command is to blame. */
export class PauseQueueError extends Error {
  readonly code = 'PAUSE_QUEUE';
  readonly canRetry = true;
}

/** A handler took longer than it may; what it still does is on its own. */
export class HandlerTimeoutError extends Error {
  readonly code = 'HANDLER_TIMEOUT';
  readonly canRetry = true;

  constructor(ms: number) {
    super(`the handler has not ended within ${ms} ms`);
  }
}

/** The namespace has not what is asked of it; the message says what to do. It may be mended meanwhile. */
export class ServiceBusNamespaceError extends Error {
  readonly code = 'NAMESPACE_LACKS';
  readonly canRetry = true;
}

/** One command alone is larger than the link's max-message-size. */
export class CommandTooLargeError extends Error {
  readonly code = 'COMMAND_TOO_LARGE';
  readonly canRetry = false;

  constructor(
    readonly messageId: string,
    readonly maxBytes: number,
  ) {
    super(`command ${messageId} does not fit into a message of ${maxBytes} bytes`);
  }
}

/**
 * What becomes of a command whose handler threw:
 * - `dead-letter`: nobody can do it as it is
 * - `pause`: the database, or something else that every command needs, is away; it is tried again where it is
 * - `retry`: anything else; it is given back, and comes again until its deliveries are used up
 */
export type Failure = { kind: 'dead-letter'; error: DeadLetterError } | { kind: 'pause' } | { kind: 'retry' };

/** Looks through the causes, because frameworks wrap what a handler throws. */
export function failureOf(error: unknown): Failure {
  for (let current: unknown = error, depth = 0; current && depth < 8; depth++) {
    if (current instanceof DeadLetterError) return { kind: 'dead-letter', error: current };
    if (current instanceof PauseQueueError) return { kind: 'pause' };
    current = (current as { cause?: unknown }).cause;
  }
  return isUnavailable(error) ? { kind: 'pause' } : { kind: 'retry' };
}
