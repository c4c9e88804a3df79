import { queryPrepared } from '@app/database';
import type { PartitionLease } from '@app/event-hubs';
import type { EntityManager, QueryRunner } from 'typeorm';
import { appliedAmong, findApplied, findAppliedSql, type InboxRow } from '../inbox/find-applied.js';
import { customerOf, isErasure, type Known } from '../set-aside/divide.js';
import { lockCustomers } from '../set-aside/sql/lock-customers.js';
import type { WantedEvent } from './select-events.js';

/** Both in one snapshot; a customer's row has no generation. */
const lookUpStatement = {
  name: 'consumer_look_up',
  text: `${findAppliedSql} UNION ALL
    SELECT NULL, NULL FROM set_aside_customer WHERE customer_id = ANY($3::text[])`,
};

type Found = Pick<Known, 'applied' | 'waiting'>;

/**
 * What the database knows of a batch's events and their customers, where nobody among them has events set aside;
 * undefined where somebody has, or may have: `lookUpLocked` says whom. One statement, before or beside the batch's
 * transaction: a customer whose row is gone by its snapshot has nothing waiting, the inbox in the same snapshot shows
 * all that was drained, and only the partition's own batches, which are one after the other, set more of it aside.
 * Another reader of the partition, by now, makes the batch's commit fail.
 */
export async function lookUp(
  manager: EntityManager,
  events: readonly WantedEvent[],
  lease: PartitionLease,
): Promise<Found | undefined> {
  const rows = await queryPrepared<InboxRow | { event_id: null }>(manager, lookUpStatement, [
    events.map(({ key }) => key),
    lease.generation,
    [...new Set(events.map(customerOf))],
  ]);
  const inbox = rows.filter((row): row is InboxRow => row.event_id !== null);
  if (inbox.length < rows.length) return undefined;
  return { applied: appliedAmong(inbox, events, lease), waiting: new Set() };
}

/** The same in the batch's transaction: until its end, nobody is drained of the customers with events set aside. */
export async function lookUpLocked(
  runner: QueryRunner,
  events: readonly WantedEvent[],
  lease: PartitionLease,
): Promise<Found> {
  const customers = [...new Set(events.map(customerOf))];
  const erased = new Set(events.filter(isErasure).map(customerOf));
  const waiting = await lockCustomers(runner, customers, [...erased]);
  // After the lock, in a statement of its own: what a drainer has just applied is seen.
  return { applied: await findApplied(runner, events, lease), waiting };
}
