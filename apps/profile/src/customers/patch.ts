import { addressKinds, addressSchema, type Customer, customerInputSchema } from '@app/contracts';
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
  const unknown = unknownMembers(patch);
  if (unknown.length > 0)
    throw invalid(
      unknown.map((path) => ({ pointer: pointer(path), detail: 'is no member that can be written' })),
    );
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

const members = new Set(Object.keys(customerInputSchema.shape));
const kinds = new Set<string>(addressKinds);
const addressMembers = new Set(Object.keys(addressSchema.shape));

/** Those too that the patch takes away, which the schema of what is left does not see. */
function unknownMembers(patch: Record<string, unknown>): string[][] {
  const { addresses } = patch;
  const given = Object.entries(isObject(addresses) ? addresses : {});
  return [
    ...namesBeside(members, patch).map((name) => [name]),
    ...given.flatMap(([kind, address]) => {
      if (!kinds.has(kind)) return [['addresses', kind]];
      const unknown = isObject(address) ? namesBeside(addressMembers, address) : [];
      return unknown.map((name) => ['addresses', kind, name]);
    }),
  ];
}

const namesBeside = (known: ReadonlySet<string>, object: object): string[] =>
  Object.keys(object).filter((name) => !known.has(name));

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
