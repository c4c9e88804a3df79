import { type CustomerEvent, type EventOf, seal } from '@app/contracts';
import type { KeyRing } from './key-ring.js';

/** An opened event as the hub carries it, sealed under its customer's key; what has no personal data stays as it is. */
export function sealed(event: EventOf | CustomerEvent<unknown>, keys: KeyRing): CustomerEvent<unknown> {
  const { data, ...attributes } = event as CustomerEvent<{ personal?: unknown; erased?: unknown }>;
  if (typeof data !== 'object' || data === null || !('personal' in data)) return event;
  const { personal, erased: _, ...rest } = data;
  const subject = attributes.subject ?? '';
  if (attributes.type === 'CustomerErased') return { ...attributes, data: rest };
  // Who is erased was somebody, under a key that is gone.
  const jwe = seal(personal ?? {}, subject, keys.keyOf(subject));
  if (personal === null) keys.erase(subject);
  return { ...attributes, data: { ...rest, personal: jwe } };
}
