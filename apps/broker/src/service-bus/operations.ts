import type { Rule } from './filters/filter.js';

/** Application properties that a settlement sets. */
export type ChangedProperties = Readonly<Record<string, string | number | boolean | null>>;
/** Reason and description of a dead letter, and the entity it came from. */
export type DeadLetterReason = readonly [reason: string, description: string, source: string];

/** A message in an entity, with all that is known of it there. Times in milliseconds since 1970. */
export interface Placed {
  /** The entity. */
  readonly e: string;
  /** Sequence number. */
  readonly s: number;
  /** Enqueued at. */
  readonly t: number;
  /** Expires at. */
  readonly x?: number;
  /** Scheduled for: not active before. */
  readonly v?: number;
  /** Deliveries that failed. */
  readonly n?: number;
  readonly deferred?: true;
  /** Lock token, and until when it holds. */
  readonly l?: readonly [token: string, until: number];
  readonly d?: DeadLetterReason;
  readonly c?: ChangedProperties;
  /** Session. */
  readonly g?: string;
}

/**
 * What the journal is made of. Replayed in order they give the state of every entity. Operations on messages that are not
 * there any more are passed over: a compaction has left their `put` out because they were done.
 */
export type Operation =
  /** A message, whose bytes follow, in one entity or in all subscriptions that want it. */
  | {
      readonly op: 'put';
      readonly to: readonly Placed[];
      /** Entity, message id, remembered until. */
      readonly id?: readonly [string, string, number];
      /** One of several that are sent together: which batch, and how many of it follow. Half a batch is none. */
      readonly b?: readonly [string, number];
    }
  | {
      readonly op: 'lock';
      readonly e: string;
      readonly until: number;
      readonly m: readonly (readonly [number, string])[];
    }
  | { readonly op: 'renew'; readonly e: string; readonly until: number; readonly m: readonly number[] }
  /** Completed, cancelled, expired: gone. */
  | { readonly op: 'done'; readonly e: string; readonly m: readonly number[] }
  /** Given back; `counted` where the delivery has failed. */
  | {
      readonly op: 'back';
      readonly e: string;
      readonly m: readonly number[];
      readonly counted: boolean;
      readonly c?: ChangedProperties;
    }
  | {
      readonly op: 'defer';
      readonly e: string;
      readonly m: readonly number[];
      readonly c?: ChangedProperties;
    }
  /** To another entity as a dead letter: old and new sequence number. */
  | {
      readonly op: 'move';
      readonly e: string;
      readonly to: string;
      readonly m: readonly (readonly [number, number])[];
      readonly d: DeadLetterReason;
      readonly c?: ChangedProperties;
    }
  /** Scheduled messages whose time has come: old and new sequence number. */
  | {
      readonly op: 'wake';
      readonly e: string;
      readonly m: readonly (readonly [number, number])[];
      readonly t: number;
    }
  | { readonly op: 'session'; readonly e: string; readonly id: string; readonly state: string | null }
  /** Message ids that are remembered, with their ends. */
  | { readonly op: 'ids'; readonly e: string; readonly m: readonly (readonly [string, number])[] }
  /** The rules of a subscription, once they were changed while it ran. */
  | { readonly op: 'rules'; readonly e: string; readonly rules: readonly Rule[] }
  /** The next sequence number is this at least. */
  | { readonly op: 'next'; readonly e: string; readonly s: number };
