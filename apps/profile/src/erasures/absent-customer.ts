import { Problem } from '@app/service-defaults';
import type { EntityManager } from 'typeorm';
import { customerNotFound } from '../customers/problems.js';
import { erasedNumbers } from './erased-numbers.sql.js';

export const customerErased = (): Problem =>
  new Problem(410, 'customer-erased', 'This customer has been erased.', {
    detail: 'Nothing is left of the customer, and nothing can be written under its id or account number.',
  });

/** Why there is no customer under this id: 410 where there is a tombstone, 404 where there never was one. */
export async function absentCustomer(manager: EntityManager, id: string): Promise<Problem> {
  const tombstones = await manager.query<unknown[]>(
    'SELECT FROM personal_data_key WHERE customer_id = $1 AND erased_at IS NOT NULL',
    [id],
  );
  return tombstones.length > 0 ? customerErased() : customerNotFound(id);
}

/** @throws 410 where the customer of this account number has been erased */
export async function refuseErasedNumber(manager: EntityManager, accountNumber: string): Promise<void> {
  if ((await erasedNumbers(manager, [accountNumber])).size > 0) throw customerErased();
}
