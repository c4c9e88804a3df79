import { queryPrepared } from '@app/database';
import type { PartitionLease } from '@app/event-hubs';
import type { QueryRunner } from 'typeorm';
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

/**
 * What the database knows of a batch's events and their customers. Mostly nobody among them has events set aside, and
 * one statement says so: a customer whose row is gone by its snapshot has nothing waiting, and the inbox in the same
 * snapshot shows all that was drained.
 */
export async function lookUp(
  runner: QueryRunner,
  events: readonly WantedEvent[],
  lease: PartitionLease,
): Promise<Pick<Known, 'applied' | 'waiting'>> {
  const customers = [...new Set(events.map(customerOf))];
  const rows = await queryPrepared<InboxRow | { event_id: null }>(runner.manager, lookUpStatement, [
    events.map(({ key }) => key),
    lease.generation,
    customers,
  ]);
  const inbox = rows.filter((row): row is InboxRow => row.event_id !== null);
  if (inbox.length === rows.length)
    return { applied: appliedAmong(inbox, events, lease), waiting: new Set() };
  const erased = new Set(events.filter(isErasure).map(customerOf));
  const waiting = await lockCustomers(runner, customers, [...erased]);
  // After the lock, in a statement of its own: what a drainer has just applied is seen.
  return { applied: await findApplied(runner, events, lease), waiting };
}
