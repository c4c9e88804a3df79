import type { ChangedProperties, DeadLetterReason, Placed } from './operations.js';

export interface Lock {
  readonly token: string;
  /** Milliseconds since 1970; Infinity where the session's lock counts. */
  until: number;
}

/** What is kept in memory of a message; its bytes are in the journal. */
export interface QueuedMessage {
  readonly sequence: number;
  /** Of its record in the journal. */
  offset: number;
  readonly bytes: number;
  readonly enqueuedAt: number;
  readonly expiresAt: number;
  readonly session: string | undefined;
  /** Set while it waits for its time. */
  readonly scheduledFor: number | undefined;
  deferred: boolean;
  /** Deliveries that failed. */
  deliveries: number;
  lock: Lock | undefined;
  /** An operation on it is on its way to the disk: nobody else may have it. */
  busy: boolean;
  readonly deadLetter: DeadLetterReason | undefined;
  changed: ChangedProperties | undefined;
}

export const messageOf = (placed: Placed, offset: number, bytes: number): QueuedMessage => ({
  sequence: placed.s,
  offset,
  bytes,
  enqueuedAt: placed.t,
  expiresAt: placed.x ?? Infinity,
  session: placed.g,
  scheduledFor: placed.v,
  deferred: placed.deferred ?? false,
  deliveries: placed.n ?? 0,
  lock: placed.l && { token: placed.l[0], until: placed.l[1] },
  busy: false,
  deadLetter: placed.d,
  changed: placed.c,
});

/** The same as a `put` has it. */
export const placedOf = (entity: string, message: QueuedMessage): Placed => ({
  e: entity,
  s: message.sequence,
  t: message.enqueuedAt,
  ...(message.expiresAt !== Infinity && { x: message.expiresAt }),
  ...(message.scheduledFor !== undefined && { v: message.scheduledFor }),
  ...(message.deliveries > 0 && { n: message.deliveries }),
  ...(message.deferred && { deferred: true as const }),
  // A session's lock does not outlive its link, nor do those of its messages.
  ...(message.lock !== undefined &&
    message.lock.until !== Infinity && { l: [message.lock.token, message.lock.until] as const }),
  ...(message.deadLetter && { d: message.deadLetter }),
  ...(message.changed !== undefined && { c: message.changed }),
  ...(message.session !== undefined && { g: message.session }),
});
