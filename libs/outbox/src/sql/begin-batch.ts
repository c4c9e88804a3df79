import type { EventAttributes } from '@app/contracts';
import type { ClientBase, QueryResult } from 'pg';
import type { QueryRunner } from 'typeorm';

/** Advisory locks of this class order the relays of all processes; the number is arbitrary, but ours. */
export const relayLockClass = 7_104_023;

export interface OutboxRow {
  /** A bigint as text. */
  id: string;
  event_id: string;
  subject: string;
  customerversion: number | null;
  attributes: EventAttributes;
  body: string;
}

type Locked = QueryResult<{ held: boolean }>;
type Oldest = QueryResult<OutboxRow>;

/**
 * Begins a transaction that is the only one to send from the partition, until it ends, and reads the oldest rows that
 * are committed by then, at least one if there is any; `undefined` when another relay is at it. There is no cursor: an
 * id that was taken early and committed late is found whenever it appears. A relay that stops answering while it holds
 * the lock loses it after `idleMs`.
 *
 * Its commit is not waited for to be on disk: all that it does is to delete what the engine has acknowledged, and what a
 * crash of PostgreSQL brings back of that is sent again under the same ids, as after a crash of the relay.
 * @param limit `bytes`: no further row is taken once the bodies have so many
 */
export async function beginBatch(
  runner: QueryRunner,
  partitionId: number,
  limit: { rows: number; bytes: number },
  idleMs: number,
): Promise<OutboxRow[] | undefined> {
  const client = (await runner.connect()) as ClientBase;
  // One trip, for a batch of one event waits for each; and statements of their own: the rows are read once the lock is held.
  const answers = await client.query(
    `BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${Math.trunc(idleMs)};
     SET LOCAL synchronous_commit = off;
     SELECT pg_try_advisory_xact_lock(${relayLockClass}, ${Math.trunc(partitionId)}) AS held;
     SELECT id, event_id, subject, customerversion, attributes, body
       FROM (SELECT *, sum(octet_length(body)) OVER (ORDER BY id) - octet_length(body) AS bytes_before
               FROM (SELECT * FROM outbox WHERE partition_id = ${Math.trunc(partitionId)}
                      ORDER BY id LIMIT ${Math.trunc(limit.rows)}) AS oldest) AS measured
      WHERE bytes_before < ${Math.trunc(limit.bytes)}
      ORDER BY id`,
  );
  // One for each statement, which the driver's types do not know.
  const [lock, batch] = (answers as unknown as [...unknown[], Locked, Oldest]).slice(-2) as [Locked, Oldest];
  return lock.rows[0]?.held === true ? batch.rows : undefined;
}
