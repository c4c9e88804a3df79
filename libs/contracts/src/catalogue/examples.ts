import type { Customer } from '../customer/customer.js';
import type { CustomerEvent, OpenedData } from '../events/cloud-event.js';
import { type EventType, profileSource } from '../events/event-types.js';
import { dataSchemaOf } from '../versions/event-versions.js';

/** When each event happens, in a sentence. */
export const aboutEvent: Readonly<Record<EventType, string>> = {
  CustomerAdded: 'A customer is new, addresses and all; or is told anew by a republication.',
  CustomerNameChanged: 'Title, given name or family name have changed.',
  ContactDetailsChanged: 'E-mail or phone have changed.',
  CustomerDetailsChanged: 'The birth date has changed.',
  AddressChanged: 'One address has changed, come or gone: an event for each of home, billing and shipping.',
  ConsentChanged: 'A consent was given or taken back, for one purpose.',
  PreferencesChanged: 'Preferences have changed.',
  CustomersMerged: 'Two profiles were found to be one person: an event for each, `role` says whose.',
  CustomersUnmerged: 'A merge was reverted: an event for each of the two.',
  CustomerErased: 'The customer is forgotten, and everybody confirms to have forgotten them.',
};

const id = '01926f3a-7c1e-7b5d-9a43-2f6d5c0b8e11';
const other = '01926f3a-9d02-7e61-8c57-b1a4d3e7f022';
const at = '2026-03-02T09:30:00.000Z';
const address = { line1: 'Storgata 1', city: 'Oslo', postalCode: '0155', country: 'NO' };

const customer: Customer = {
  id,
  version: 2,
  accountNumber: 'A-1001',
  givenName: 'Kari',
  familyName: 'Nordmann',
  email: 'kari@example.org',
  addresses: { home: address },
  preferences: { language: 'no' },
  consents: { marketing: { granted: true, at } },
  createdAt: '2026-03-01T08:00:00.000Z',
  updatedAt: at,
};

/** What each event of the example says has changed, and how it was before. */
const changes: Readonly<Record<EventType, [changed: string[], previous: Partial<Customer>]>> = {
  CustomerAdded: [['givenName', 'familyName', 'email', 'addresses.home'], {}],
  CustomerNameChanged: [['familyName'], { familyName: 'Hansen' }],
  ContactDetailsChanged: [['email'], { email: 'kari.hansen@example.org' }],
  CustomerDetailsChanged: [['birthDate'], { birthDate: '1980-05-17' }],
  AddressChanged: [['addresses.home'], { addresses: { home: { ...address, line1: 'Torggata 2' } } }],
  ConsentChanged: [['consents.marketing'], { consents: { marketing: { granted: false, at } } }],
  PreferencesChanged: [['preferences.language'], { preferences: { language: 'en' } }],
  CustomersMerged: [['email'], {}],
  CustomersUnmerged: [['email'], {}],
  CustomerErased: [[], {}],
};

const merge = { role: 'survivor', mergeId: other, survivorId: id, duplicateId: other } as const;

/** An event as a handler gets it, the same each time: for documents, and for who wants to see one. */
export function exampleOf(type: EventType): CustomerEvent<OpenedData | Record<string, unknown>> {
  const [changed, previous] = changes[type];
  const version = type === 'CustomerAdded' ? 1 : 2;
  const personal = { current: { ...customer, version }, previous };
  const merges = type === 'CustomersMerged' || type === 'CustomersUnmerged';
  return {
    id: '01926f3b-0000-7000-8000-000000000001',
    type,
    source: profileSource,
    subject: id,
    time: at,
    datacontenttype: 'application/json',
    dataschema: dataSchemaOf(type),
    customerversion: version,
    data:
      type === 'CustomerErased'
        ? { changed, erasureId: other, personal: null, erased: true }
        : { changed, ...(merges && merge), personal },
  };
}
