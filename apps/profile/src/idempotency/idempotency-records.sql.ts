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
 * @param sealers everybody whom the answer is about, each once; nobody where it is about no customer
 */
export async function remember(
  manager: EntityManager,
  keyed: KeyedRequest | undefined,
  answer: StoredAnswer,
  sealers: readonly Sealer[],
): Promise<void> {
  if (!keyed) return;
  const kept = { request: keyed.request, answer };
  const [customerId, ...others] = sealers.map(({ id }) => id);
  const isOpen = customerId === undefined;
  const sealed = sealers.reduce<unknown>((content, { id, key }) => seal(content, id, key), kept);
  await manager.query(
    'INSERT INTO idempotency_record (hash, customer_id, others, sealed, open) VALUES ($1, $2, $3, $4, $5)',
    [
      keyed.hash,
      customerId ?? null,
      others.length > 0 ? others : null,
      isOpen ? null : sealed,
      isOpen ? JSON.stringify(kept) : null,
    ],
  );
}

/** The keys in the order in which they open: the last that it was sealed under first. */
const byHash = {
  name: 'idempotency record by hash',
  text: `SELECT r.sealed, r.open,
                ARRAY(SELECT k.key FROM unnest(array_prepend(r.customer_id, r.others)) WITH ORDINALITY AS one (id, place)
                        LEFT JOIN personal_data_key k ON k.customer_id = one.id ORDER BY place DESC) AS keys
           FROM idempotency_record r WHERE r.hash = $1`,
};

interface Kept {
  request: string;
  answer: StoredAnswer;
}

/** What was asked with this key before, and answered; nothing once somebody whom it is about has been erased. */
export async function recall(manager: EntityManager, { hash }: KeyedRequest): Promise<Kept | undefined> {
  const rows = await queryPrepared<{ sealed: string | null; open: Kept | null; keys: (Buffer | null)[] }>(
    manager,
    byHash,
    [hash],
  );
  const [row] = rows;
  if (row?.open) return row.open;
  let content: unknown = row?.sealed;
  for (const key of row?.keys ?? []) {
    if (!key) return undefined;
    content = open(content as string, key);
  }
  return content as Kept | undefined;
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
