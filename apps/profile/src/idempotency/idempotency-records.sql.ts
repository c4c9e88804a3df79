import { open, seal } from '@app/contracts';
import { queryPrepared } from '@app/database';
import type { EntityManager } from 'typeorm';
import type { KeyedRequest, StoredAnswer } from './keyed-request.js';

/** Whose key seals an answer: erasing that customer erases it. */
export interface Sealer {
  id: string;
  key: Uint8Array;
}

/** A row of `idempotency_record`. */
export interface IdempotencyRecord {
  hash: Buffer;
  customerId: string;
  sealed: string;
}

/** What the answer to a keyed request leaves behind. */
export function recordOf(keyed: KeyedRequest, answer: StoredAnswer, sealer: Sealer): IdempotencyRecord {
  const sealed = seal({ request: keyed.request, answer }, sealer.id, sealer.key);
  return { hash: keyed.hash, customerId: sealer.id, sealed };
}

/**
 * Remembers the answer to a keyed request, within the transaction of its effect: both are there, or none. Where another
 * instance was quicker with the same key, the transaction fails, and the retry gets that one's answer.
 */
export async function remember(
  manager: EntityManager,
  keyed: KeyedRequest | undefined,
  answer: StoredAnswer,
  sealer: Sealer,
): Promise<void> {
  if (!keyed) return;
  const { hash, customerId, sealed } = recordOf(keyed, answer, sealer);
  await manager.query('INSERT INTO idempotency_record (hash, customer_id, sealed) VALUES ($1, $2, $3)', [
    hash,
    customerId,
    sealed,
  ]);
}

const byHash = {
  name: 'idempotency record by hash',
  text: `SELECT r.sealed, k.key FROM idempotency_record r
         JOIN personal_data_key k ON k.customer_id = r.customer_id AND k.key IS NOT NULL WHERE r.hash = $1`,
};

/** What was asked with this key before, and answered; nothing once its customer has been erased. */
export async function recall(
  manager: EntityManager,
  { hash }: KeyedRequest,
): Promise<{ request: string; answer: StoredAnswer } | undefined> {
  const [row] = await queryPrepared<{ sealed: string; key: Buffer }>(manager, byHash, [hash]);
  return row && (open(row.sealed, row.key) as { request: string; answer: StoredAnswer });
}

/** @returns how many went: those older than `hours`, at most `most`. */
export async function forget(manager: EntityManager, hours: number, most: number): Promise<number> {
  const [, count] = await manager.query<[unknown, number]>(
    `DELETE FROM idempotency_record WHERE hash IN (
       SELECT hash FROM idempotency_record WHERE created_at < now() - $1::int * interval '1 hour' LIMIT $2)`,
    [hours, most],
  );
  return count;
}
