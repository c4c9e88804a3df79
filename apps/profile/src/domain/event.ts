import { type CustomerEvent, dataSchemaOf, seal } from '@app/contracts';
import { v7 as uuidv7 } from 'uuid';
import type { Fact } from './facts.js';

/** Numbers, seals and addresses a fact: the event as it goes to the outbox. */
export function eventOf(fact: Fact, key: Uint8Array, traceparent?: string): CustomerEvent {
  const { current, previous, changed, type } = fact;
  return {
    id: uuidv7(),
    type,
    source: '/profile',
    subject: current.id,
    time: current.updatedAt,
    dataschema: dataSchemaOf(type),
    customerversion: current.version,
    ...(traceparent ? { traceparent } : {}),
    data: { changed, personal: seal({ current, previous }, current.id, key) },
  };
}
