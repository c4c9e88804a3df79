import type { Address, CustomerInput } from '@app/contracts';
import { randomUUID } from 'node:crypto';

/** A complete address that the API accepts, changed where the spec cares. */
export function anAddress(change: Partial<Address> = {}): Address {
  return {
    line1: '3761 N. 14th St',
    city: 'Rockhampton',
    region: 'Queensland',
    postalCode: '4700',
    country: 'AU',
    ...change,
  };
}

/** A customer as a client sends it, under an account number of its own. */
export function aCustomer(change: Partial<CustomerInput> = {}): CustomerInput {
  return {
    accountNumber: `T-${randomUUID()}`,
    givenName: 'Zoë',
    familyName: 'Yáñez',
    email: 'zoe@example.com',
    phone: '1 (11) 500 555-0162',
    birthDate: '1966-04-08',
    addresses: { home: anAddress() },
    preferences: {},
    ...change,
  };
}
