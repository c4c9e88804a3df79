import { dueSql } from '@app/database';
import type { StatementRunner } from '@app/event-hubs';
import type { Failure } from '../failure.js';

/*
 * The drainer's side of the protocol, in one transaction:
 *
 *   lockDue        FOR NO KEY UPDATE SKIP LOCKED   arrivals (FOR KEY SHARE) go on, other drainers pass by
 *   …              the handlers
 *   markApplied    inbox rows in, waiting rows out
 *   releaseIfEmpty it looks empty: FOR UPDATE waits for arrivals under way, and a new statement looks again
 */

export interface DueCustomer {
  /** Failures of the event in front. */
  attempts: number;
}

/** Takes the customer, if nobody else has it and its turn has come. */
export async function lockDue(
  runner: StatementRunner,
  customerId: string,
  longestPauseMs: number,
): Promise<DueCustomer | undefined> {
  const [row] = (await runner.query(
    `SELECT attempts FROM set_aside_customer
      WHERE customer_id = $1 AND state = 'retrying' AND ${dueSql('next_at', '$2::float8')}
        FOR NO KEY UPDATE SKIP LOCKED`,
    [customerId, longestPauseMs],
  )) as DueCustomer[];
  return row;
}

/** Names of a customer's next events and their generations, in order: whether they are still those that were opened. */
export async function nextNames(
  runner: StatementRunner,
  customerId: string,
  limit: number,
): Promise<string[]> {
  const rows = (await runner.query(
    'SELECT key, generation FROM set_aside_event WHERE customer_id = $1 ORDER BY sequence_number LIMIT $2',
    [customerId, limit],
  )) as { key: string; generation: number }[];
  return rows.map(nameOf);
}

export const nameOf = ({ key, generation }: { key: string; generation: number }): string =>
  `${key}/${generation}`;

/** The events have had their effect: each belongs to its inbox's generation now. */
export async function markApplied(runner: StatementRunner, keys: readonly string[]): Promise<void> {
  await runner.query(
    `WITH done AS (DELETE FROM set_aside_event WHERE key = ANY($1::uuid[]) RETURNING key, generation)
     INSERT INTO inbox (event_id, generation) SELECT key, generation FROM done`,
    [keys],
  );
}

/** No handler takes these any more: they go as what is ignored goes, without a row. */
export async function dropIgnored(runner: StatementRunner, keys: readonly string[]): Promise<void> {
  await runner.query('DELETE FROM set_aside_event WHERE key = ANY($1::uuid[])', [keys]);
}

/** Lets the customer go when nothing waits any more; otherwise the next event's turn begins at once. */
export async function releaseIfEmpty(runner: StatementRunner, customerId: string): Promise<boolean> {
  if ((await nextNames(runner, customerId, 1)).length === 0) {
    await runner.query('SELECT FROM set_aside_customer WHERE customer_id = $1 FOR UPDATE', [customerId]);
    if ((await nextNames(runner, customerId, 1)).length === 0) {
      await runner.query('DELETE FROM set_aside_customer WHERE customer_id = $1', [customerId]);
      return true;
    }
  }
  await runner.query(
    `UPDATE set_aside_customer
        SET state = 'retrying', attempts = 0, next_at = now(), first_failed_at = NULL, last_failed_at = NULL,
            reason = NULL, stack_digest = NULL
      WHERE customer_id = $1`,
    [customerId],
  );
  return false;
}

/** The event in front has failed again. Answers false when the customer's turn has changed meanwhile. */
export async function noteFailure(
  runner: StatementRunner,
  customerId: string,
  before: DueCustomer,
  { reason, stackDigest }: Failure,
  { pauseMs, longestPauseMs }: { pauseMs: number | undefined; longestPauseMs: number },
): Promise<boolean> {
  const rows = (await runner.query(
    `WITH noted AS (
       UPDATE set_aside_customer
          SET state = CASE WHEN $4::float8 IS NULL THEN 'parked' ELSE 'retrying' END,
              attempts = attempts + 1, next_at = now() + coalesce($4::float8, 0) * interval '1 ms',
              first_failed_at = coalesce(first_failed_at, now()), last_failed_at = now(),
              reason = $3, stack_digest = $5
        WHERE customer_id = $1 AND attempts = $2 AND state = 'retrying' AND ${dueSql('next_at', '$6::float8')}
       RETURNING 1
     )
     SELECT count(*)::int AS noted FROM noted`,
    [customerId, before.attempts, reason, pauseMs ?? null, stackDigest ?? null, longestPauseMs],
  )) as { noted: number }[];
  return rows[0]?.noted === 1;
}

/** Something that everybody needs is away: later, and nobody's failure. */
export async function postpone(runner: StatementRunner, customerId: string, pauseMs: number): Promise<void> {
  await runner.query(
    `UPDATE set_aside_customer SET next_at = now() + $2::float8 * interval '1 ms'
      WHERE customer_id = $1 AND state = 'retrying'`,
    [customerId, pauseMs],
  );
}
