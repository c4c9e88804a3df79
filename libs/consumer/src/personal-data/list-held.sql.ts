import type { StatementRunner } from '@app/event-hubs';

/** Events of one customer that are told in an export. */
export const mostEvents = 1_000;

export interface HeldEvent {
  eventId: string;
  type: string;
  source: string;
  setAsideAt: Date;
  state: string;
  reason: string | null;
  body: Buffer;
}

/** What is set aside of a customer, in order; at most {@link mostEvents} and one, which says that there are more. */
export async function listHeld(runner: StatementRunner, customerId: string): Promise<HeldEvent[]> {
  return (await runner.query(
    `SELECT e.event_id AS "eventId", e.type, e.source, e.set_aside_at AS "setAsideAt", c.state, c.reason, e.body
       FROM set_aside_event e JOIN set_aside_customer c USING (customer_id)
      WHERE customer_id = $1 ORDER BY e.sequence_number LIMIT $2`,
    [customerId, mostEvents + 1],
  )) as HeldEvent[];
}
