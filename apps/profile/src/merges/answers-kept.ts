import type { Customer, CustomerEvent } from '@app/contracts';
import { entityTag } from '../domain/entity-tag.js';
import { represented } from '../domain/representation.js';
import type { StoredAnswer } from '../idempotency/keyed-request.js';
import type { Provenance } from './provenance.js';

export interface Merged {
  mergeId: string;
  customer: Customer;
  provenance: Provenance;
  events: CustomerEvent[];
}

export interface Unmerged {
  customer: Customer;
  duplicate: Customer;
  /** Paths where something was written since the merge, which stays. */
  kept: string[];
  events: CustomerEvent[];
}

/** The survivor's ETag, and the events of both: the survivor's first. */
const headersOf = ({ customer, events }: Merged | Unmerged): Record<string, string> => ({
  etag: entityTag(customer.version),
  'event-id': events.map(({ id }) => id).join(', '),
});

export const answerToMerge = (merged: Merged) =>
  ({
    status: 201,
    headers: { ...headersOf(merged), location: `/v1/merges/${merged.mergeId}` },
    body: {
      mergeId: merged.mergeId,
      customer: represented(merged.customer),
      provenance: merged.provenance,
    },
  }) satisfies StoredAnswer;

export const answerToRevert = (unmerged: Unmerged) =>
  ({
    status: 200,
    headers: headersOf(unmerged),
    body: {
      customer: represented(unmerged.customer),
      duplicate: represented(unmerged.duplicate),
      kept: unmerged.kept,
    },
  }) satisfies StoredAnswer;
