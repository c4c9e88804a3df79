import { Inject, Injectable } from '@nestjs/common';
import { FencedError, type PartitionLease } from '@app/event-hubs';
import { DataSource, type EntityManager } from 'typeorm';
import { commitPosition } from '../inbox/commit-position.js';
import { findApplied } from '../inbox/find-applied.js';
import type { WantedEvent } from './select-events.js';

/** A handler that awaits something else than the database for so long loses its transaction, not others their time. */
const idleInTransactionMs = 5_000;

export interface BatchOutcome {
  applied: WantedEvent[];
  duplicates: WantedEvent[];
}

/** Inbox, handlers' effects and position: one transaction. */
@Injectable()
export class BatchTransaction {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /**
   * @param handle gets the events that have not been handled in this generation, in order
   * @throws {FencedError} when another reader owns the partition by now; whatever it throws, nothing has been written
   */
  async run(
    lease: PartitionLease,
    events: readonly WantedEvent[],
    to: { sequenceNumber: number; offset: string },
    handle: (fresh: WantedEvent[], manager: EntityManager) => Promise<void>,
  ): Promise<BatchOutcome> {
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.startTransaction();
      await runner.query(`SET LOCAL idle_in_transaction_session_timeout = ${idleInTransactionMs}`);
      const known = await findApplied(
        runner,
        events.map(({ key }) => key),
        lease.generation,
      );
      const { fresh, duplicates } = partition(events, known);
      if (fresh.length > 0) await handle(fresh, runner.manager);
      if (
        !(await commitPosition(
          runner,
          lease,
          to,
          fresh.map(({ key }) => key),
        ))
      ) {
        throw new FencedError(lease.partitionId);
      }
      await runner.commitTransaction();
      return { applied: fresh, duplicates };
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }
}

/** The same event may come twice within one batch, too: a relay that died before its commit sends again. */
function partition(
  events: readonly WantedEvent[],
  known: Set<string>,
): { fresh: WantedEvent[]; duplicates: WantedEvent[] } {
  const fresh: WantedEvent[] = [];
  const duplicates: WantedEvent[] = [];
  for (const event of events) {
    if (known.has(event.key)) {
      duplicates.push(event);
      continue;
    }
    known.add(event.key);
    fresh.push(event);
  }
  return { fresh, duplicates };
}
