import type { Address, Customer, OpenedEvent } from '@app/contracts';

/** A move, as the handler sees it. */
export function addressChanged(
  id: string,
  {
    subject = 'customer-1',
    before,
    after,
    ...customer
  }: Partial<Customer> & { subject?: string; before?: Address; after?: Address },
): OpenedEvent {
  const current = {
    id: subject,
    version: 2,
    accountNumber: 'A1',
    givenName: 'Zoë',
    familyName: 'Yáñez',
    email: 'zoe@example.com',
    addresses: after ? { home: after } : {},
    ...customer,
  };
  return {
    id,
    type: 'AddressChanged',
    source: '/profile',
    subject,
    customerversion: 2,
    data: {
      changed: ['addresses.home'],
      personal: { current: current as Customer, previous: before ? { addresses: { home: before } } : {} },
    },
  };
}
