import { randomUUID } from 'node:crypto';
import {
  dataSchemaOf,
  type EventAttributes,
  newPersonalDataKey,
  partitionForKey,
  profileSource,
  seal,
  toApplicationProperties,
} from '@app/contracts';
import type { OutgoingEvent } from '@app/event-hubs';
import type { Random } from '@app/testing';
import { v7 as uuidv7 } from 'uuid';

export interface BadEvent {
  kind: string;
  partition: string;
  message: OutgoingEvent;
  /** What its dead letter says; undefined where groups pass it over. */
  reason?: RegExp;
}

type Made = Pick<BadEvent, 'message' | 'reason'>;

/** What anybody with the right to send may put on the hub, each kind bad for its readers in a way of its own. */
const kinds: Readonly<Record<string, (subject: string, stranger: string) => Made>> = {
  'not JSON': (subject) => bad({ subject }, '{"changed": [', /not JSON/),
  'against its schema': (subject) =>
    bad({ subject }, '{"changed": "everything", "personal": null}', /does not match its schema/),
  'not sealed': (subject) => bad({ subject }, '{"changed": [], "personal": {}}', /is not sealed/),
  'sealed by a stranger': (subject, kid) => {
    const personal = seal({ current: {}, previous: {} }, kid, newPersonalDataKey());
    return bad({ subject }, JSON.stringify({ changed: [], personal }), /does not open/);
  },
  'of an unknown version': (subject) =>
    bad({ subject, dataschema: '/schemas/AddressChanged/v99.json' }, '{"changed": []}', /AddressChanged v99/),
  'of an unknown type': (subject) => bad({ subject, type: 'CustomerTeleported' }, '{"to": "Mars"}'),
  'no CloudEvent': () => ({
    message: { id: randomUUID(), applicationProperties: { origin: 'elsewhere', n: 7 }, body: 'hello' },
  }),
};
export const badKinds = Object.keys(kinds);

/** @param knownCustomer whose key there is, and who has nothing to do with it */
export function badEvent(kind: string, knownCustomer: string, random: Random): BadEvent {
  const subject = randomUUID();
  const make = kinds[kind];
  if (!make) throw new Error(`no bad event is ${kind}`);
  const home = kind === 'no CloudEvent' ? random.below(4) : partitionForKey(subject, 4);
  return { kind, partition: String(home), ...make(subject, knownCustomer) };
}

function bad(attributes: Partial<EventAttributes>, body: string, reason?: RegExp): Made {
  const id = uuidv7();
  const whole = {
    id,
    type: 'AddressChanged',
    source: profileSource,
    dataschema: dataSchemaOf('AddressChanged'),
    time: new Date().toISOString(),
    ...attributes,
  };
  // What no reader knows must come back untouched as well.
  const more = { 'x-origin': 'torture', 'x-number': 42 };
  const message = { id, applicationProperties: { ...toApplicationProperties(whole), ...more }, body };
  return reason ? { message, reason } : { message };
}
