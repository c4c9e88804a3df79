import { type Customer, customerInputSchema } from '@app/contracts';
import { invalid, pointer } from '@app/service-defaults';
import type { CustomerContent } from '../domain/facts.js';
import { mergePatch } from '../domain/merge-patch.js';

/**
 * What a merge patch makes of a customer. Id, version and times are not members one can write, so naming them is an
 * unknown member; the account number may be named but not changed.
 */
export function patched(current: Customer, patch: Record<string, unknown>): CustomerContent {
  const {
    id: _id,
    version: _version,
    createdAt: _created,
    updatedAt: _updated,
    consents,
    ...writable
  } = current;
  const result = customerInputSchema.safeParse(mergePatch(writable, patch));
  if (!result.success) {
    throw invalid(
      result.error.issues.map((issue) => ({ pointer: pointer(issue.path), detail: issue.message })),
    );
  }
  if (result.data.accountNumber !== current.accountNumber) {
    throw invalid([{ pointer: '/accountNumber', detail: 'cannot be changed' }]);
  }
  return { ...result.data, consents };
}
