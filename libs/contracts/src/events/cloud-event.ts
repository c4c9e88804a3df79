import type { Customer } from '../customer/customer.js';
import type { MergeMembers } from './merge-data.js';

/** CloudEvents 1.0 context attributes as the platform uses them; `specversion` is always "1.0". */
export interface EventAttributes {
  id: string;
  type: string;
  source: string;
  /** The customer's id; events of one subject keep their order from commit to handler. */
  subject?: string;
  /** RFC 3339, UTC. */
  time?: string;
  datacontenttype?: string;
  /** Names the schema's version: `/schemas/<type>/v<n>.json`. */
  dataschema?: string;
  /** W3C trace context, the CloudEvents distributed tracing extension. */
  traceparent?: string;
  /** Extension: the customer's version after this fact, gapless from 1. */
  customerversion?: number;
  /** Extension: the republication that this event is of. It tells of a state, not of a new fact. */
  republished?: string;
}

export interface CustomerEvent<Data = SealedData> extends EventAttributes {
  data: Data;
}

/**
 * `data` on the wire: personal data sits in `personal` only, as a compact JWE under the customer's own key; CustomersMerged
 * and CustomersUnmerged say besides who was merged with whom.
 */
export interface SealedData extends Partial<MergeMembers> {
  /** Paths of the members that changed, such as `addresses.home`. */
  changed: string[];
  personal: string;
}

/** `data` of CustomerErased: nothing personal, and what each consumer group confirms when it has forgotten the customer. */
export interface ErasedData {
  changed: string[];
  erasureId: string;
}

export interface Personal {
  /** The whole customer after this fact. */
  current: Customer;
  /** The members that changed, as they were before; a member that was absent is absent. */
  previous: Partial<Customer>;
}

/** `data` as a handler sees it: opened, or `personal: null, erased: true` once the customer's key is gone. */
export type OpenedData = { changed: string[] } & Partial<MergeMembers> &
  ({ personal: Personal; erased?: undefined } | { personal: null; erased: true });

export type OpenedEvent = CustomerEvent<OpenedData>;
