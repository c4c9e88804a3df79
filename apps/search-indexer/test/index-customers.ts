import type { Customer, OpenedEvent } from '@app/contracts';
import type { DataSource } from 'typeorm';
import { isCustomerFact } from '../src/domain/customer-fact.js';
import { foldEvents } from '../src/domain/fold-events.js';
import { storeDocuments } from '../src/indexing/store-documents.js';
import type { View } from '../src/rebuild/view.js';

/** A fact about a customer, as the handler sees it. */
export function changed(
  customer: Partial<Customer> & { id: string },
  more: Partial<OpenedEvent> = {},
): OpenedEvent {
  const current = {
    version: 1,
    accountNumber: customer.id,
    givenName: 'Jon',
    familyName: 'Yang',
    addresses: {},
    ...customer,
  };
  return {
    id: `${current.id}-${current.version}`,
    type: 'CustomerAdded',
    source: '/profile',
    subject: current.id,
    customerversion: current.version,
    data: { changed: [], personal: { current: current as Customer, previous: {} } },
    ...more,
  };
}

export function erased(id: string, version: number): OpenedEvent {
  return {
    ...changed({ id, version }, { type: 'CustomerErased' }),
    data: { changed: [], personal: null, erased: true },
  };
}

/** What the handler does, in a transaction. */
export async function index(
  dataSource: DataSource,
  events: readonly OpenedEvent[],
  view: View = 'live',
): Promise<void> {
  const states = foldEvents(events.filter(isCustomerFact));
  await dataSource.transaction((manager) => storeDocuments(manager, states, view));
}

/** The nth customer's id; ids are in the order of n. */
export const idOf = (n: number): string => `0190b3c4-0000-7000-8000-${String(n).padStart(12, '0')}`;
