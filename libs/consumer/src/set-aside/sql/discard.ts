import type { StatementRunner } from '@app/event-hubs';

export interface Discard {
  eventId: string;
  source: string;
  customerId: string;
  reason: string;
  /** Who said so. */
  actor: string;
}

/**
 * Takes one event out, in the caller's transaction: it counts as dealt with and does not come back. The next one's turn
 * begins if it stood in front. Answers false when it has gone meanwhile.
 */
export async function discard(
  runner: StatementRunner,
  { eventId, source, customerId, reason, actor }: Discard,
): Promise<boolean> {
  // For itself: neither an arrival nor a drainer looks at the customer meanwhile.
  await runner.query('SELECT FROM set_aside_customer WHERE customer_id = $1 FOR UPDATE', [customerId]);
  const rows = (await runner.query(
    `WITH front AS (
       SELECT key FROM set_aside_event WHERE customer_id = $1 ORDER BY sequence_number LIMIT 1
     ), gone AS (
       DELETE FROM set_aside_event WHERE customer_id = $1 AND event_id = $2 AND source = $3 RETURNING *
     ), ended AS (
       INSERT INTO set_aside_end (key, generation, customer_id, event_id, source, type, outcome, reason, actor)
       SELECT key, generation, customer_id, event_id, source, type, 'discarded', $4, $5 FROM gone
     ), noted AS (
       INSERT INTO inbox (event_id, generation) SELECT key, generation FROM gone ON CONFLICT DO NOTHING
     )
     SELECT key IN (SELECT key FROM front) AS "inFront" FROM gone`,
    [customerId, eventId, source, reason, actor],
  )) as { inFront: boolean }[];
  const [gone] = rows;
  if (!gone) return false;
  await runner.query(
    `DELETE FROM set_aside_customer c
      WHERE customer_id = $1 AND NOT EXISTS (SELECT FROM set_aside_event e WHERE e.customer_id = c.customer_id)`,
    [customerId],
  );
  if (gone.inFront) {
    await runner.query(
      `UPDATE set_aside_customer SET state = 'retrying', attempts = 0, next_at = now(), first_failed_at = NULL,
              last_failed_at = NULL, reason = NULL, stack_digest = NULL
        WHERE customer_id = $1`,
      [customerId],
    );
  }
  return true;
}
