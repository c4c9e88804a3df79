import type { PartitionLease } from '@app/event-hubs';
import type { EntityManager } from 'typeorm';
import type { ReplayPolicy } from './replay-policy.js';
import type { WantedEvent } from '../runtime/select-events.js';
import { findUnapplied } from './sql/find-unapplied.js';
import { holdRebuild } from './sql/finish-replay.js';

/** What a replay means to the handlers of one transaction. */
export interface ReplayView {
  /** The consumer's state is being built anew beside the live one. */
  rebuilding: boolean;
  /** Whether this event has had its effect in an earlier generation. */
  isReplay(event: WantedEvent): boolean;
}

/** Tells handlers about the replay they run in, and holds the end of a rebuild up until their transaction has ended. */
export class ReplayGate {
  /** Generations up to this one are not being rebuilt any more. */
  private settled = 0;

  constructor(
    private readonly consumerGroup: string,
    private readonly policy: ReplayPolicy,
  ) {}

  async enter(
    manager: EntityManager,
    { generation, replayUntil }: Pick<PartitionLease, 'generation' | 'replayUntil'>,
    events: readonly WantedEvent[],
  ): Promise<ReplayView> {
    const rebuilding = await this.isRebuilding(manager, generation);
    const past = events.filter(({ received }) => received.sequenceNumber <= replayUntil);
    if (past.length === 0) return { rebuilding, isReplay: () => false };
    const unapplied = await findUnapplied(
      manager,
      past.map(({ key }) => key),
    );
    const replayed = new Set(past.filter(({ key }) => !unapplied.has(key)));
    return { rebuilding, isReplay: (event) => replayed.has(event) };
  }

  private async isRebuilding(manager: EntityManager, generation: number): Promise<boolean> {
    if (this.policy !== 'rebuild' || generation <= this.settled) return false;
    if (await holdRebuild(manager, this.consumerGroup)) return true;
    this.settled = generation;
    return false;
  }
}
