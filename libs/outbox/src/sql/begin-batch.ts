import type { ClientBase, QueryResult } from 'pg';
import type { QueryRunner } from 'typeorm';

/** Advisory locks of this class order the relays of all processes; the number is arbitrary, but ours. */
export const relayLockClass = 7_104_023;

/**
 * Begins a transaction that is the only one to send from the partition, until it ends; `false` when another does. A
 * relay that stops answering while it holds the lock loses it after `idleMs`.
 *
 * Its commit is not waited for to be on disk: all that it does is to delete what the engine has acknowledged, and what a
 * crash of PostgreSQL brings back of that is sent again under the same ids, as after a crash of the relay.
 */
export async function beginBatch(runner: QueryRunner, partitionId: number, idleMs: number): Promise<boolean> {
  const client = (await runner.connect()) as ClientBase;
  // One trip: a batch of one event waits for each of them.
  const answers = await client.query(
    `BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${Math.trunc(idleMs)};
     SET LOCAL synchronous_commit = off;
     SELECT pg_try_advisory_xact_lock(${relayLockClass}, ${Math.trunc(partitionId)}) AS held`,
  );
  const [locked] = ([answers].flat() as QueryResult<{ held: boolean }>[]).at(-1)?.rows ?? [];
  return locked?.held ?? false;
}
