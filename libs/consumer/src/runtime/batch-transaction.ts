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
import { lookUp, lookUpLocked } from './look-up.js';
import type { WantedEvent } from './select-events.js';

export interface Batch {
  lease: PartitionLease;
  events: readonly WantedEvent[];
  /** Events of the batch that are known to fail, by key: set aside, with all of their customer behind them. */
  failures: ReadonlyMap<string, Failure>;
  /** What is known of the events, asked before the transaction; undefined: to be asked in it. */
  known: ReturnType<typeof lookUp>;
  /** The position after the batch. */
  to: { sequenceNumber: number; offset: string };
}

/** Set-aside table, inbox, handlers' effects and position: one transaction. */
export class BatchTransaction {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pauses: RetryPauses,
    /** Whether a batch without an erasure waits for its commit to be on disk. */
    private readonly synchronousCommit = true,
  ) {}

  /** @param events of the next batch of the partition, or more */
  lookUp(events: readonly WantedEvent[], lease: PartitionLease): ReturnType<typeof lookUp> {
    return lookUp(this.dataSource.manager, events, lease);
  }

  /**
   * @param handle gets the events that are to be handled now, in order
   * @throws {FencedError} when another reader owns the partition by now; whatever it throws, nothing has been written
   */
  run(
    { lease, events, failures, known, to }: Batch,
    handle: (fresh: WantedEvent[], manager: EntityManager) => Promise<void>,
  ): Promise<Divided> {
    return inTransaction(this.dataSource, async (runner) => {
      const found = (await known) ?? (await lookUpLocked(runner, events, lease));
      const divided = divide(events, { ...found, failures });
      const { fresh, aside, erased } = divided;
      if (erased.length > 0) {
        await dropCustomers(runner, erased, lease, divided.dropped);
        await noteErasures(runner, fresh.filter(isErasure));
      }
      if (fresh.length > 0) await handle(fresh, runner.manager);
      if (aside.length > 0) await this.setAside(runner, lease, aside);
      const done = [...fresh, ...divided.dropped].map(({ key }) => key);
      const commit = { lease, to, done, waitForDisk: this.synchronousCommit || erased.length > 0 };
      if (!(await commitPosition(runner.manager, commit))) throw new FencedError(lease.partitionId);
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
