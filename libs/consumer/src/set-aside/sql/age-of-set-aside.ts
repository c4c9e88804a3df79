import type { StatementRunner } from '@app/event-hubs';
import type { SetAsideState } from './list-set-aside.js';

export interface SetAsideAge {
  state: SetAsideState;
  /** Customers whose event in front is in this state. */
  customers: number;
  /** Their events, those behind the one in front included. */
  events: number;
  /** Since the first of them was set aside. */
  oldestSeconds: number;
}

/** What is set aside, over all replicas: a row a state, of zeros where there is nothing. */
export async function ageOfSetAside(runner: StatementRunner): Promise<SetAsideAge[]> {
  return (await runner.query(
    `SELECT state, count(DISTINCT c.customer_id)::float8 AS customers, count(e.key)::float8 AS events,
            coalesce(extract(epoch FROM now() - min(e.set_aside_at)), 0)::float8 AS "oldestSeconds"
       FROM unnest(ARRAY['retrying', 'parked']) AS s (state)
       LEFT JOIN set_aside_customer c USING (state)
       LEFT JOIN set_aside_event e USING (customer_id)
      GROUP BY state`,
    [],
  )) as SetAsideAge[];
}
