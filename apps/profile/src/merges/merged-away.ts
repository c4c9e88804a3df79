import { Problem } from '@app/service-defaults';
import type { EntityManager } from 'typeorm';
import { absentCustomer } from '../erasures/absent-customer.js';
import { survivorOf } from './merge-tree.sql.js';
import { customerMerged } from './problems.js';

/**
 * Why nobody can be read under this id: 308 (RFC 9110 §15.4.9) where a merged duplicate lives on in another customer,
 * which a revert ends, so that nobody may keep it; else what {@link absentCustomer} says.
 * @param below the rest of the path, such as `/duplicates`
 */
export async function absentForReading(manager: EntityManager, id: string, below = ''): Promise<Problem> {
  const merged = await survivorOf(manager, id);
  if (!merged) return absentCustomer(manager, id);
  return new Problem(308, 'customer-merged', 'This customer has been merged into another.', {
    detail: `It is part of ${merged.survivorId} until the merge ${merged.mergeId} is reverted.`,
    ...merged,
    headers: { location: `/v1/customers/${merged.survivorId}${below}` },
  });
}

/** Why nobody can be written to under this id: 409 where a merged duplicate lives on in another customer. */
export async function absentForWriting(manager: EntityManager, id: string): Promise<Problem> {
  const merged = await survivorOf(manager, id);
  return merged ? customerMerged(merged) : absentCustomer(manager, id);
}
