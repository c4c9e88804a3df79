import { Problem } from '@app/service-defaults';
import type { EntityManager } from 'typeorm';
import { customerNotFound } from '../customers/problems.js';
import { erasedNumbers } from './erased-numbers.sql.js';

export const customerErased = (): Problem =>
  new Problem(410, 'customer-erased', 'This customer has been erased.', {
    detail: 'Nothing is left of the customer, and nothing can be written under its id or account number.',
  });

/** Somebody has lost keys: whoever they belong to is there, can be read, and must not look erased. */
const keyLost = (): Problem =>
  new Problem(503, 'personal-data-key-lost', 'The key of this customer is missing.', {
    detail: 'Nothing can be written without it. It was not erased: an operator must restore the keys.',
    headers: { 'retry-after': '60' },
  });

const hasLostKey = 'NOT EXISTS (SELECT FROM personal_data_key WHERE customer_id = customer.id)';

/**
 * Why there is no customer under this id: 410 where there is a tombstone, 404 where there never was one, 503 where there
 * is one without a key.
 */
export async function absentCustomer(manager: EntityManager, id: string): Promise<Problem> {
  const [found] = await manager.query<{ erased: boolean; lost: boolean }[]>(
    `SELECT EXISTS (SELECT FROM personal_data_key WHERE customer_id = $1 AND erased_at IS NOT NULL) AS erased,
            EXISTS (SELECT FROM customer WHERE id = $1 AND ${hasLostKey}) AS lost`,
    [id],
  );
  if (found?.lost) return keyLost();
  return found?.erased ? customerErased() : customerNotFound(id);
}

/** @throws 410 where the customer of this account number has been erased, 503 where its key is lost */
export async function refuseUnwritableNumber(manager: EntityManager, accountNumber: string): Promise<void> {
  if ((await erasedNumbers(manager, [accountNumber])).size > 0) throw customerErased();
  const lost = await manager.query<unknown[]>(
    `SELECT FROM customer WHERE account_number = $1 AND ${hasLostKey}`,
    [accountNumber],
  );
  if (lost.length > 0) throw keyLost();
}

/** @throws 503 where one of the customers is there, and its key is not */
export async function refuseLostKeys(manager: EntityManager, ids: readonly string[]): Promise<void> {
  const lost = await manager.query<unknown[]>(`SELECT FROM customer WHERE id = ANY ($1) AND ${hasLostKey}`, [
    ids,
  ]);
  if (lost.length > 0) throw keyLost();
}
