import type { Clock } from '@app/clock';
import type { Entities } from './entities.js';
import type { Entry, Journal } from './journal.js';
import type { MessageQueue } from './message-queue.js';
import type { Operation } from './operations.js';
import type { QueuedMessage } from './queued-message.js';

/** What everything that changes queues and topics works on. */
export interface Bus {
  readonly clock: Clock;
  readonly entities: Entities;
  readonly journal: Journal;
  /** Of an entity, however small they are. */
  readonly maxMessages: number;
  /** Changes of rules and of sessions' states that are on their way: meanwhile no compaction writes what they were. */
  readonly pendingFacts: number;
  /**
   * Makes operations durable, then applies them, all or none. Messages of `queue` that they concern are busy until this settles.
   * @throws LogFailedError, AppendRefusedError (nothing has changed), LogClosedError
   */
  commit(entries: readonly Entry[], queue?: MessageQueue, busy?: readonly QueuedMessage[]): Promise<void>;
  /** The same for rules and the states of sessions. */
  commitFact(operation: Operation): Promise<void>;
}
