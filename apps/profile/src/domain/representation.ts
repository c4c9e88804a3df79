import { addressKinds, type Address, type Consent, type Customer } from '@app/contracts';

const members = [
  'id',
  'version',
  'accountNumber',
  'title',
  'givenName',
  'familyName',
  'email',
  'phone',
  'birthDate',
  'addresses',
  'preferences',
  'consents',
  'createdAt',
  'updatedAt',
] as const satisfies (keyof Customer)[];

const addressMembers = [
  'line1',
  'line2',
  'city',
  'region',
  'postalCode',
  'country',
] as const satisfies (keyof Address)[];

const consentMembers = ['granted', 'at', 'source', 'proof'] as const satisfies (keyof Consent)[];

/**
 * A customer with its members in one fixed order, wherever it comes from: PostgreSQL's jsonb has an order of its own, and
 * a strong entity tag (RFC 9110 §8.8.1) promises equal bytes.
 */
export function represented(customer: Customer): Customer {
  const addresses: Customer['addresses'] = {};
  for (const kind of addressKinds) {
    const address = customer.addresses[kind];
    if (address) addresses[kind] = picked(address, addressMembers);
  }
  const { preferences } = customer;
  const consents = Object.fromEntries(
    Object.entries(customer.consents).map(([purpose, consent]) => [purpose, picked(consent, consentMembers)]),
  );
  return picked(
    { ...customer, addresses, preferences: sorted(preferences), consents: sorted(consents) },
    members,
  );
}

function picked<T extends object>(value: T, names: readonly (keyof T)[]): T {
  const taken: Partial<T> = {};
  for (const name of names) if (value[name] !== undefined) taken[name] = value[name];
  return taken as T;
}

function sorted<V>(record: Record<string, V>): Record<string, V> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
