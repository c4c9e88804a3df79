import { type CustomerEvent, dataSchemaOf, type SealingKey, sealByOrigin } from '@app/contracts';
import { newId } from './new-id.js';
import type { Fact } from './facts.js';

/**
 * Numbers, seals and addresses a fact: the event as it goes to the outbox.
 * @param key of a new customer its own key; of any other what it was read with, for values that others lent
 */
export function eventOf(fact: Fact, key: Buffer | SealingKey, traceparent?: string): CustomerEvent {
  const { current, previous, changed, type, members } = fact;
  const sealing = Buffer.isBuffer(key) ? { own: key, lent: [] } : key;
  return {
    id: newId(),
    type,
    source: '/profile',
    subject: current.id,
    time: current.updatedAt,
    dataschema: dataSchemaOf(type),
    customerversion: current.version,
    ...(traceparent ? { traceparent } : {}),
    data: { changed, ...members, personal: sealByOrigin({ current, previous }, current.id, sealing) },
  };
}
