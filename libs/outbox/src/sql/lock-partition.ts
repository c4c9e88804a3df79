import type { QueryRunner } from 'typeorm';

/** Advisory locks of this class order the relays of all processes; the number is arbitrary, but ours. */
export const relayLockClass = 7_104_023;

/**
 * Makes this transaction the only one that sends from the partition, until it ends; `false` when another does. A relay
 * that stops answering while it holds the lock loses it after `idleMs`.
 */
export async function lockPartition(
  runner: QueryRunner,
  partitionId: number,
  idleMs: number,
): Promise<boolean> {
  await runner.query(`SET LOCAL idle_in_transaction_session_timeout = ${Math.trunc(idleMs)}`);
  const rows = (await runner.query('SELECT pg_try_advisory_xact_lock($1, $2) AS held', [
    relayLockClass,
    partitionId,
  ])) as { held: boolean }[];
  return rows[0]?.held ?? false;
}
