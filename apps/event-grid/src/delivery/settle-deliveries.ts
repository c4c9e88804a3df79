import type { Attempt } from '../domain/outcome.js';
import type { Sql } from '../sql.js';

export interface Settled {
  id: string;
  /** The number of the attempt, by which it was claimed. */
  attempt: number;
  state: 'delivered' | 'waiting' | 'dead';
  /** Of one that waits. */
  retryAt?: Date;
  deadLetterReason?: string;
  at: Date;
  /** Undefined where the handler was not called, for no fault of its own: the attempt does not count. */
  made?: Attempt;
}

/**
 * Writes what became of attempts. One that lost its claim meanwhile is passed over: whoever has it now says what became of
 * it. Nothing that an erased customer's handler answered is kept.
 */
export async function settleDeliveries(sql: Sql, settled: readonly Settled[]): Promise<void> {
  await sql.query(
    `UPDATE delivery d
        SET state = s.state, next_at = coalesce(s.retry_at, d.next_at), locked_until = '-infinity',
            settled_at = CASE WHEN s.state <> 'waiting' THEN s.at END,
            dead_letter_reason = s.reason,
            attempts = d.attempts - CASE WHEN s.made IS NULL THEN 1 ELSE 0 END,
            history = CASE WHEN s.made IS NULL THEN d.history
                           WHEN e.erased THEN d.history || (s.made - 'detail')
                           ELSE d.history || s.made END
       FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::timestamptz[], $5::text[], $6::timestamptz[], $7::jsonb[])
            AS s (id, attempt, state, retry_at, reason, at, made),
            grid_event e
      WHERE d.id = s.id AND d.attempts = s.attempt AND d.state = 'waiting' AND e.id = d.event_key`,
    [
      settled.map(({ id }) => id),
      settled.map(({ attempt }) => attempt),
      settled.map(({ state }) => state),
      settled.map(({ retryAt }) => retryAt ?? null),
      settled.map(({ deadLetterReason }) => deadLetterReason ?? null),
      settled.map(({ at }) => at),
      settled.map(({ made, at }) => (made ? JSON.stringify({ at: at.toISOString(), ...made }) : null)),
    ],
  );
}
