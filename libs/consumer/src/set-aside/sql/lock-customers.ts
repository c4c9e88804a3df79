import type { StatementRunner } from '@app/event-hubs';

/**
 * Which of these customers have events set aside. Their rows stay until the transaction ends, while a drainer may go
 * on; an erasure takes its customer's row for itself, and waits for a drainer that has it. Ordered, so that two
 * partitions' batches meet in one direction only.
 */
export async function lockCustomers(
  runner: StatementRunner,
  customerIds: readonly string[],
  erased: readonly string[],
): Promise<Set<string>> {
  if (erased.length > 0) await lock(runner, erased, 'UPDATE');
  return lock(runner, customerIds, 'KEY SHARE');
}

async function lock(
  runner: StatementRunner,
  customerIds: readonly string[],
  strength: 'UPDATE' | 'KEY SHARE',
): Promise<Set<string>> {
  const rows = (await runner.query(
    `SELECT customer_id FROM set_aside_customer
      WHERE customer_id = ANY($1::text[]) ORDER BY customer_id FOR ${strength}`,
    [customerIds],
  )) as { customer_id: string }[];
  return new Set(rows.map(({ customer_id }) => customer_id));
}
