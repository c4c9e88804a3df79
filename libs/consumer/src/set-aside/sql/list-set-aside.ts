import type { StatementRunner } from '@app/event-hubs';

export type SetAsideState = 'retrying' | 'parked';

/** A failed event that holds its customer up. */
export interface SetAsideDto {
  eventId: string;
  type: string;
  source: string;
  customerId: string;
  state: SetAsideState;
  reason: string | null;
  attempts: number;
  firstFailedAt: string | null;
  lastFailedAt: string | null;
  /** When it is tried next; of a retrying one only. */
  nextAttemptAt: string | null;
  /** The same for failures from the same place in the code. */
  stackDigest: string | null;
  /** Later events of the customer, which wait in order. */
  waitingBehind: number;
  partitionId: string;
  sequenceNumber: number;
}

export interface SetAsideFilter {
  customerId?: string | undefined;
  state?: SetAsideState | undefined;
  type?: string | undefined;
  /** Part of the reason, in any case. */
  reason?: string | undefined;
  stackDigest?: string | undefined;
}

/** Customers that a filter on the failed event in front of them names: $1 to $5. */
export const filterSql = `
  ($1::text IS NULL OR c.customer_id = $1) AND ($2::text IS NULL OR c.state = $2)
  AND ($3::text IS NULL OR e.type = $3) AND ($4::text IS NULL OR position(lower($4) IN lower(c.reason)) > 0)
  AND ($5::text IS NULL OR c.stack_digest = $5)`;

/** The event in front of each customer. */
export const headSql = `
  JOIN LATERAL (SELECT * FROM set_aside_event WHERE customer_id = c.customer_id
                 ORDER BY sequence_number LIMIT 1) e ON true`;

export const filterParameters = ({ customerId, state, type, reason, stackDigest }: SetAsideFilter) =>
  [customerId, state, type, reason, stackDigest].map((value) => value ?? null);

/** Failed events by customer id. @param after the customer a page ended with */
export async function listSetAside(
  runner: StatementRunner,
  filter: SetAsideFilter,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<SetAsideDto[]> {
  const rows = (await runner.query(
    `SELECT e.event_id AS "eventId", e.type, e.source, c.customer_id AS "customerId", c.state, c.reason, c.attempts,
            c.first_failed_at AS "firstFailedAt", c.last_failed_at AS "lastFailedAt",
            CASE c.state WHEN 'retrying' THEN c.next_at END AS "nextAttemptAt", c.stack_digest AS "stackDigest",
            (SELECT count(*)::int - 1 FROM set_aside_event WHERE customer_id = c.customer_id) AS "waitingBehind",
            e.partition_id AS "partitionId", e.sequence_number::float8 AS "sequenceNumber"
       FROM set_aside_customer c ${headSql}
      WHERE ${filterSql} AND c.customer_id > $6
      ORDER BY c.customer_id LIMIT $7`,
    [...filterParameters(filter), after ?? '', limit],
  )) as SetAsideDto[];
  return rows;
}
