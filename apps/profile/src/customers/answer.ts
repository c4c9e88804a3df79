import type { Customer, CustomerEvent } from '@app/contracts';
import type { FastifyReply } from 'fastify';
import { entityTag } from '../domain/entity-tag.js';
import { represented } from '../domain/representation.js';

/** What a write did; nothing changed where `events` is empty. */
export interface Written {
  customer: Customer;
  events: CustomerEvent[];
  created: boolean;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Customer;
}

/** Every write answers the whole customer, its ETag and the ids of its events, in order. */
export function answerOf({ customer, events, created }: Written): Answer {
  return {
    status: created ? 201 : 200,
    headers: {
      etag: entityTag(customer.version),
      ...(events.length > 0 ? { 'event-id': events.map((event) => event.id).join(', ') } : {}),
      ...(created ? { location: `/v1/customers/${customer.id}` } : {}),
    },
    body: represented(customer),
  };
}

/** Writes status and headers of {@link answerOf}, and hands its body back. */
export function answer(written: Written, reply: FastifyReply): Customer {
  const { status, headers, body } = answerOf(written);
  void reply.status(status).headers(headers);
  return body;
}
