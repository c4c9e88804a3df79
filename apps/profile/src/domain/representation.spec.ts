import type { Customer } from '@app/contracts';
import { represented } from './representation.js';

const customer: Customer = {
  id: '0190a1b2-0000-7000-8000-000000000001',
  version: 1,
  accountNumber: 'A1',
  givenName: 'Ada',
  familyName: 'Byron',
  addresses: { home: { line1: '1 Main St', city: 'Lyon', country: 'FR' } },
  preferences: { language: 'fr', a: 1 },
  consents: {},
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
};

it('writes the same bytes whatever order the members came in', () => {
  const shuffled = {
    ...Object.fromEntries(Object.entries(customer).toReversed()),
    addresses: { home: { country: 'FR', city: 'Lyon', line1: '1 Main St' } },
    preferences: { a: 1, language: 'fr' },
  } as unknown as Customer;
  expect(JSON.stringify(represented(shuffled))).toBe(JSON.stringify(represented(customer)));
  expect(represented(shuffled)).toEqual(customer);
});
