import { EventHubsContext, type PartitionLease, type ReceivedEventData } from '@app/event-hubs';
import type { EntityManager } from 'typeorm';
import type { RawEvent } from './raw-event.js';

/** Where a call's events were read, and in which replay. */
export type ContextLease = Pick<
  PartitionLease,
  'partitionId' | 'consumerGroup' | 'generation' | 'replayUntil'
>;

/** What a handler works with; taken with `@Ctx()`. */
export class ConsumerContext extends EventHubsContext {
  constructor(
    event: ReceivedEventData,
    /** The transaction in which the inbox and the position are written too: write through it, and the effect happens once. */
    readonly manager: EntityManager,
    private readonly lease: ContextLease,
    /** The events of this call as they lie on the hub, in the order of the payload. */
    readonly rawEvents: readonly RawEvent[],
  ) {
    super([event, lease.partitionId, lease.consumerGroup]);
  }

  /** The event of this call as it lies on the hub; of a batch, the first. */
  get raw(): RawEvent {
    const [first] = this.rawEvents;
    if (!first) throw new Error('a handler is never called without an event');
    return first;
  }

  get partitionId(): string {
    return this.lease.partitionId;
  }

  /** Raised by each replay. */
  get generation(): number {
    return this.lease.generation;
  }

  /** Whether this event was there when a replay began: effects outside the database are off unless asked for. */
  get replay(): boolean {
    return this.raw.sequenceNumber <= this.lease.replayUntil;
  }
}
