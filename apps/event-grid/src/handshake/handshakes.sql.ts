import type { Sql } from '../sql.js';
import type { SubscriptionRow } from '../subscriptions/subscription-row.js';

const atOnce = 20;

/**
 * Subscriptions whose handlers are to be asked now; taken for as long as an answer may last, so that another process does
 * not ask as well.
 */
export async function dueHandshakes(sql: Sql, now: Date, answerMs: number): Promise<SubscriptionRow[]> {
  const [rows] = await sql.query<[SubscriptionRow[], number]>(
    `UPDATE event_subscription SET next_handshake_at = $2
      WHERE id IN (SELECT id FROM event_subscription WHERE state IN ('Creating', 'Updating') AND next_handshake_at <= $1
                    ORDER BY next_handshake_at LIMIT ${atOnce} FOR UPDATE SKIP LOCKED)
     RETURNING *`,
    [now, new Date(now.getTime() + 2 * answerMs)],
  );
  return rows;
}

/** The code is part of the condition: what was put anew meanwhile asks for itself. */
export async function agreed(
  sql: Sql,
  { id, validation_code: code }: Pick<SubscriptionRow, 'id' | 'validation_code'>,
): Promise<boolean> {
  const [, count] = await sql.query<[unknown, number]>(
    `UPDATE event_subscription SET state = 'Succeeded', handshake_error = NULL
      WHERE id = $1 AND validation_code = $2 AND state <> 'Succeeded'`,
    [id, code],
  );
  return count > 0;
}

/** @param retryAt undefined gives it up */
export async function refused(
  sql: Sql,
  { id, validation_code: code }: Pick<SubscriptionRow, 'id' | 'validation_code'>,
  why: string,
  retryAt: Date | undefined,
): Promise<void> {
  await sql.query(
    `UPDATE event_subscription
        SET handshake_error = $3, handshake_attempts = handshake_attempts + 1,
            next_handshake_at = coalesce($4, next_handshake_at),
            state = CASE WHEN $4::timestamptz IS NULL THEN 'Failed' ELSE state END
      WHERE id = $1 AND validation_code = $2 AND state IN ('Creating', 'Updating')`,
    [id, code, why.slice(0, 500), retryAt ?? null],
  );
}
