import { type CustomerEvent, partitionForKey } from '@app/contracts';

/** Events as columns of the table `outbox`, for `unnest`: a service may write them within a statement of its own. */
export interface OutboxRows {
  partition_id: number[];
  event_id: string[];
  subject: string[];
  customerversion: (number | null)[];
  /** JSON text of the CloudEvents attributes. */
  attributes: string[];
  /** JSON text of `data`. */
  body: string[];
}

/** An event without a subject has no place in an order, and so none in the outbox. */
export class MissingSubjectError extends Error {
  readonly code = 'MISSING_SUBJECT';
}

/**
 * The rows of these events, in their order. Rows get their ids in the order in which they are inserted, and are sent in
 * that order; whoever inserts them in a statement of their own must hold the customer's row by then.
 */
export function outboxRows(events: readonly CustomerEvent<unknown>[], partitionCount: number): OutboxRows {
  const rows: OutboxRows = {
    partition_id: [],
    event_id: [],
    subject: [],
    customerversion: [],
    attributes: [],
    body: [],
  };
  for (const { data, ...attributes } of events) {
    const { id, subject, customerversion } = attributes;
    if (!subject) throw new MissingSubjectError(`event ${id} has no subject`);
    rows.partition_id.push(partitionForKey(subject, partitionCount));
    rows.event_id.push(id);
    rows.subject.push(subject);
    rows.customerversion.push(customerversion ?? null);
    rows.attributes.push(JSON.stringify(attributes));
    rows.body.push(JSON.stringify(data));
  }
  return rows;
}
