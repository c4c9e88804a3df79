import type { Address, Customer, OpenedEvent } from '@app/contracts';
import { validate } from 'uuid';

/** An event in the platform's own form: about one customer, at one version. */
export type CustomerFact = OpenedEvent & { subject: string; customerversion: number };

const highestVersion = 2 ** 31 - 1;

/**
 * Whether an event that calls itself by one of our types is one of ours. Anybody with a key may write to the hub; what
 * he writes must neither be taken for a customer nor hold up those behind it.
 */
export function isCustomerFact(event: OpenedEvent): event is CustomerFact {
  const { subject, customerversion: version, data } = event;
  // Ours are in lower case.
  if (subject === undefined || !validate(subject) || subject !== subject.toLowerCase()) return false;
  if (version === undefined || !Number.isInteger(version) || version < 1 || version > highestVersion)
    return false;
  if (event.type === 'CustomerErased') return true;
  const { personal } = (data ?? {}) as { personal?: { current?: Partial<Customer> } | null };
  return personal === null || isReadable(personal?.current);
}

/** The members that the search document is made of. */
function isReadable(customer: Partial<Customer> | undefined): boolean {
  if (!isObject(customer)) return false;
  const { accountNumber, givenName, familyName, title = '', email = '', phone = '', addresses } = customer;
  return (
    [accountNumber, givenName, familyName, title, email, phone].every(isText) &&
    isObject(addresses) &&
    Object.values(addresses).every(isReadableAddress)
  );
}

function isReadableAddress(address: unknown): boolean {
  if (!isObject(address)) return false;
  const { line1, line2 = '', city, region = '', postalCode = '', country } = address as Partial<Address>;
  return [line1, line2, city, region, postalCode, country].every(isText);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string';
