import type { UnreadablePolicy } from './runtime/event-reader.js';
import type { PersonalDataOf } from './personal-data/held-data.js';
import type { Rebuild } from './replay/rebuild.js';
import type { ReplayPolicy } from './replay/replay-policy.js';

/** Injection token of {@link ConsumerOptions}. */
export const CONSUMER_OPTIONS = Symbol('CONSUMER_OPTIONS');

export interface ConsumerOptions {
  /** The consumer group at the hub, and the name under which the profile service knows this consumer. */
  consumerGroup: string;
  onReplay?: ReplayPolicy;
  /**
   * What becomes of an event of a wanted type in a form that its handlers cannot take: `park` (the default) keeps it, and
   * what follows of its customer, until somebody acts; `skip` counts it, names it in the log and goes on.
   */
  onUnreadable?: UnreadablePolicy;
  /** With `onReplay: 'rebuild'`: how the state is built anew beside the live one. */
  rebuild?: Rebuild;
  /** What its own tables hold about a customer, for an export; what is set aside is told anyway. */
  personalData?: PersonalDataOf;
  /**
   * Whether a batch waits until its commit is on disk; true unless told. Without, a crash of PostgreSQL itself may undo the
   * last batches (of less than a second), all of each: they are read and applied again. For state that is made of events
   * alone and that nobody outside keeps count of. Batches with an erasure wait in any case.
   */
  synchronousCommit?: boolean;
  /** Events of one transaction, at most; 500 unless told. */
  maxBatchSize?: number;
  /**
   * What comes within this time of the begin of a batch that was not full comes together in the next one; 0 ms unless told.
   * A transaction for each event costs most of the processor time of a steady stream: for consumers that nobody waits for.
   */
  gatherMs?: number;
  /** Customers whose keys are kept at hand; 20,000 unless told (about 5 MB). */
  keyCacheSize?: number;
  /** Pauses between the tries of an event that has failed, in milliseconds; then it is parked. 1, 3, 8 and 14 s unless told. */
  retryPausesMs?: readonly number[];
  /** A handler call that takes longer has failed; 30 s unless told. */
  handlerTimeoutMs?: number;
  /** Days after which the inbox forgets an event; INBOX_RETENTION_DAYS, or 30, unless told. */
  inboxRetentionDays?: number;
  /** Ids of events kept in memory to answer the effects call; 20,000 unless told. */
  recentEvents?: number;
  /** How often partitions are looked for and renewed; 1 s unless told. */
  lookIntervalMs?: number;
  /** Silence after which a process that lives but does not answer loses its partitions; 6 s unless told. */
  ownershipExpiryMs?: number;
}
