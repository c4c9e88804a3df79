import { FencedError, type PartitionLease, type StatementRunner } from '@app/event-hubs';
import type { DataSource, EntityManager } from 'typeorm';
import { commitPosition } from '../inbox/commit-position.js';
import { type AsideEvent, customerOf, type Divided, divide, isErasure } from '../set-aside/divide.js';
import type { Failure } from '../set-aside/failure.js';
import { pauseAfter, type RetryPauses } from '../set-aside/retry-schedule.js';
import { addCustomers, addEvents } from '../set-aside/sql/add-events.js';
import { dropCustomers } from '../set-aside/sql/drop-customers.js';
import { noteErasures } from '../erasure/sql/note-erasures.js';
import { inTransaction } from './in-transaction.js';
import { lookUp } from './look-up.js';
import type { WantedEvent } from './select-events.js';

export interface Batch {
  lease: PartitionLease;
  events: readonly WantedEvent[];
  /** Events of the batch that are known to fail, by key: set aside, with all of their customer behind them. */
  failures: ReadonlyMap<string, Failure>;
  /** The position after the batch. */
  to: { sequenceNumber: number; offset: string };
}

/** Set-aside table, inbox, handlers' effects and position: one transaction. */
export class BatchTransaction {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pauses: RetryPauses,
  ) {}

  /**
   * @param handle gets the events that are to be handled now, in order
   * @throws {FencedError} when another reader owns the partition by now; whatever it throws, nothing has been written
   */
  run(
    { lease, events, failures, to }: Batch,
    handle: (fresh: WantedEvent[], manager: EntityManager) => Promise<void>,
  ): Promise<Divided> {
    return inTransaction(this.dataSource, async (runner) => {
      const divided = divide(events, { ...(await lookUp(runner, events, lease)), failures });
      const { fresh, aside, erased } = divided;
      if (erased.length > 0) {
        await dropCustomers(runner, erased, lease, divided.dropped);
        await noteErasures(runner, fresh.filter(isErasure));
      }
      if (fresh.length > 0) await handle(fresh, runner.manager);
      if (aside.length > 0) await this.setAside(runner, lease, aside);
      const done = [...fresh, ...divided.dropped].map(({ key }) => key);
      if (!(await commitPosition(runner.manager, lease, to, done))) throw new FencedError(lease.partitionId);
      return divided;
    });
  }

  private async setAside(
    runner: StatementRunner,
    lease: PartitionLease,
    aside: readonly AsideEvent[],
  ): Promise<void> {
    const failed = aside.flatMap(({ event, failure }) =>
      failure ? [{ customerId: customerOf(event), failure, pauseMs: this.pauseOf(failure) }] : [],
    );
    if (failed.length > 0) await addCustomers(runner, failed);
    await addEvents(runner, lease, aside);
  }

  private pauseOf({ canRetry }: Failure): number | undefined {
    return canRetry ? pauseAfter(1, this.pauses) : undefined;
  }
}
