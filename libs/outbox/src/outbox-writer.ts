import { Injectable } from '@nestjs/common';
import type { CustomerEvent } from '@app/contracts';
import type { EntityManager } from 'typeorm';
import { type OutboxRows, outboxRows } from './outbox-rows.js';
import { insertRows } from './sql/insert-rows.js';

/** Puts events into the outbox, within the transaction that changes what they tell of. */
@Injectable()
export class OutboxWriter {
  constructor(private readonly partitionCount: number) {}

  /**
   * Call `relay.wake()` once the transaction has been committed.
   * @param manager of that transaction. @throws {MissingSubjectError}
   */
  async append(manager: EntityManager, events: CustomerEvent<unknown> | readonly CustomerEvent<unknown>[]) {
    const rows = this.rows([events].flat());
    if (rows.event_id.length > 0) await insertRows(manager, rows);
  }

  /** The columns for a statement of the caller's own. */
  rows(events: readonly CustomerEvent<unknown>[]): OutboxRows {
    return outboxRows(events, this.partitionCount);
  }
}
