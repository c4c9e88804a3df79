import type { Customer, OpenedEvent } from '@app/contracts';
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
export function foldEvents(events: readonly OpenedEvent[]): CustomerState[] {
  const last = new Map<string, OpenedEvent>();
  for (const event of events) {
    const customerId = event.subject;
    if (customerId === undefined) throw new MissingAttributeError(event, 'subject');
    const known = last.get(customerId);
    if (known === undefined || versionOf(event) > versionOf(known)) last.set(customerId, event);
  }
  return [...last]
    .map(([customerId, event]) => {
      const customer = searchableCustomer(event);
      return { customerId, version: versionOf(event), document: customer && documentOf(customer) };
    })
    .sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
}

/** null once erased, its key gone, or the duplicate of a merge: that id answers 410 or 308 from now on. */
function searchableCustomer({ type, data }: OpenedEvent): Customer | null {
  if (type === 'CustomerErased' || data.personal === null) return null;
  const mergedAway = type === 'CustomersMerged' && 'role' in data && data.role === 'duplicate';
  return mergedAway ? null : data.personal.current;
}

function versionOf(event: OpenedEvent): number {
  if (event.customerversion === undefined) throw new MissingAttributeError(event, 'customerversion');
  return event.customerversion;
}

/** A customer's event that does not say whose, or which version: no retry mends it. */
export class MissingAttributeError extends Error {
  readonly code = 'MISSING_ATTRIBUTE';
  readonly canRetry = false;

  constructor(event: OpenedEvent, attribute: string) {
    super(`${event.type} ${event.id} carries no ${attribute}`);
  }
}
