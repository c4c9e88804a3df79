import type { EntityManager } from 'typeorm';
import { numberDigest } from './erased-numbers.sql.js';

/**
 * Destroys the key, which makes everything sealed under it unreadable wherever it lies, and takes the customer away. A
 * tombstone stays, and a digest of the account number.
 */
export async function destroyCustomer(manager: EntityManager, id: string): Promise<void> {
  await manager.query(
    'UPDATE personal_data_key SET key = NULL, erased_at = clock_timestamp() WHERE customer_id = $1',
    [id],
  );
  await manager.query('DELETE FROM idempotency_record WHERE customer_id = $1 OR others @> ARRAY[$1::uuid]', [
    id,
  ]);
  await manager.query('DELETE FROM customer_history WHERE customer_id = $1', [id]);
  await manager.query(
    `UPDATE import_error SET original = NULL, account_number = NULL
      WHERE account_number = (SELECT account_number FROM customer WHERE id = $1)`,
    [id],
  );
  await manager.query(
    `WITH gone AS (DELETE FROM customer WHERE id = $1 RETURNING id, account_number)
     INSERT INTO erased_number (digest, customer_id) SELECT ${numberDigest('account_number')}, id FROM gone`,
    [id],
  );
}

export interface NewErasure {
  id: string;
  customerId: string;
  partOf?: string;
  requestedBy: string;
}

/** Writes the erasure down, and which groups are to confirm it: those that are registered now. */
export async function insertErasure(manager: EntityManager, erasure: NewErasure): Promise<void> {
  await manager.query(
    'INSERT INTO erasure (id, customer_id, part_of, requested_by) VALUES ($1, $2, $3, $4)',
    [erasure.id, erasure.customerId, erasure.partOf ?? null, erasure.requestedBy],
  );
  await manager.query(
    'INSERT INTO erasure_group (erasure_id, consumer_group) SELECT $1, name FROM consumer_group',
    [erasure.id],
  );
}
