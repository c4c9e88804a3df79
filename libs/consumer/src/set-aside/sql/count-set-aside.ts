import type { StatementRunner } from '@app/event-hubs';

export interface SetAsideCounts {
  /** Failed events that are being tried again, one a customer. */
  retrying: number;
  /** Failed events that wait for somebody to act, one a customer. */
  parked: number;
}

/** What is set aside, over all replicas. Events that wait behind a failed one are not counted. */
export async function countSetAside(runner: StatementRunner): Promise<SetAsideCounts> {
  const [row] = (await runner.query(
    `SELECT count(*) FILTER (WHERE state = 'retrying')::float8 AS retrying,
            count(*) FILTER (WHERE state = 'parked')::float8 AS parked
       FROM set_aside_customer`,
    [],
  )) as [SetAsideCounts];
  return row;
}
