import type { Customer } from '@app/contracts';
import type { CustomerFact } from './customer-fact.js';
import { documentOf, type SearchDocument } from './search-document.js';

/** What one customer's events of a batch come to: the document of the last version, or null when it left the search. */
export interface CustomerState {
  customerId: string;
  version: number;
  document: SearchDocument | null;
}

/**
 * Folds events to one state a customer: the highest `customerversion` wins, whatever the order and however often an
 * event comes. Sorted by customer id, so that writers who meet lock in the same order.
 */
export function foldEvents(events: readonly CustomerFact[]): CustomerState[] {
  const last = new Map<string, CustomerFact>();
  for (const event of events) {
    const known = last.get(event.subject);
    if (!known || event.customerversion > known.customerversion) last.set(event.subject, event);
  }
  return [...last]
    .map(([customerId, event]) => {
      const customer = searchableCustomer(event);
      return { customerId, version: event.customerversion, document: customer && documentOf(customer) };
    })
    .sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
}

/** null once erased, its key gone, or the duplicate of a merge: that id answers 410 or 308 from now on. */
function searchableCustomer({ type, data }: CustomerFact): Customer | null {
  if (type === 'CustomerErased' || data.personal === null) return null;
  const mergedAway = type === 'CustomersMerged' && 'role' in data && data.role === 'duplicate';
  return mergedAway ? null : data.personal.current;
}
