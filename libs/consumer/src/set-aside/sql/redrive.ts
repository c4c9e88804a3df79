import type { StatementRunner } from '@app/event-hubs';
import { filterParameters, filterSql, headSql, type SetAsideFilter } from './list-set-aside.js';

/** Has customers tried again, from now on and from the first attempt. Answers how many. */
export async function redrive(runner: StatementRunner, filter: SetAsideFilter): Promise<number> {
  const rows = (await runner.query(
    `WITH chosen AS (
       SELECT c.customer_id FROM set_aside_customer c ${headSql} WHERE ${filterSql}
     ), redriven AS (
       UPDATE set_aside_customer SET state = 'retrying', attempts = 0, next_at = now()
        WHERE customer_id IN (SELECT customer_id FROM chosen)
       RETURNING 1
     )
     SELECT count(*)::int AS redriven FROM redriven`,
    filterParameters(filter),
  )) as { redriven: number }[];
  return rows[0]?.redriven ?? 0;
}
