import { EventHubsContext, type PartitionLease, type ReceivedEventData } from '@app/event-hubs';
import type { EntityManager } from 'typeorm';
import { type Findings, noteFindings } from '../replay/sql/note-findings.js';
import type { RawEvent } from './raw-event.js';

/** Where a call's events were read, and in which replay. */
export type ContextLease = Pick<
  PartitionLease,
  'partitionId' | 'consumerGroup' | 'generation' | 'replayUntil' | 'replayEffects'
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
    /** The state is being built anew beside the live one: see `Rebuild`. */
    readonly rebuilding = false,
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

  /** Whether this event had its effect before a replay that reads it again; of a batch, the first. */
  get replay(): boolean {
    return this.raw.replay;
  }

  /** Whether effects outside the database are wanted, such as mails: not of what is republished, and of a replay if asked for. */
  get effects(): boolean {
    return this.wantsEffectsOf(this.raw);
  }

  /** The same of one event of a batch. */
  wantsEffectsOf({ attributes, replay }: RawEvent): boolean {
    return attributes.republished === undefined && (!replay || this.lease.replayEffects);
  }

  /** Of a consumer that verifies: what comparing this call's events with its own records has shown. */
  async report(findings: Findings): Promise<void> {
    await noteFindings(this.manager, this.lease, findings);
  }
}
