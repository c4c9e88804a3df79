// Events as the platform's relay sends them: nine CloudEvents properties, about 1 KiB, in order by partition.
import { randomUUID } from 'node:crypto';
import { dataSchemaOf, partitionForKey, seal, toApplicationProperties } from '@app/contracts';
import { EventHubsSender } from '@app/event-hubs';
import { v7 as uuidv7 } from 'uuid';
import { keyOf } from './key-service.mjs';

export const PARTITIONS = 4;
const AT_ONCE = 500;
/** Keeps the properties of so many events in memory, not of a million. */
const MADE_AT_ONCE = 20_000;

/** The type whose data are sealed, and one that nobody has described, whose data are not. */
export const types = { sealed: 'AddressChanged', plain: 'PointsCounted' };

const address = (city) => ({
  line1: '3761 N. 14th St',
  city,
  region: 'Queensland',
  postalCode: '4700',
  country: 'AU',
});

/** So many customers, each with the data of its events: sealed once, because how they are sealed is not measured. */
export function makeCustomers(/** @type {number} */ count) {
  return Array.from({ length: count }, (_, n) => {
    const id = uuidv7();
    const current = {
      id,
      accountNumber: `B-${n}`,
      version: 1,
      givenName: 'Zoë',
      familyName: 'Yáñez',
      email: `zoe.${n}@example.com`,
      phone: '1 (11) 500 555-0162',
      birthDate: '1966-04-08',
      addresses: { home: address('Rockhampton') },
      consents: {},
      preferences: { newsletter: true },
      createdAt: '2026-01-05T10:00:00.000Z',
      updatedAt: '2026-01-05T10:00:00.000Z',
    };
    const personal = { current, previous: { addresses: { home: address('Gladstone') } } };
    const changed = ['addresses.home'];
    const sealed = JSON.stringify({ changed, personal: seal(personal, id, keyOf(id)) });
    return {
      id,
      version: 0,
      partition: partitionForKey(id, PARTITIONS),
      sealed,
      plain: JSON.stringify({ changed, ...personal }),
    };
  });
}

/** The next event of a customer. */
export function nextEvent(customer, /** @type {'sealed' | 'plain'} */ kind) {
  const id = uuidv7();
  const attributes = {
    id,
    type: types[kind],
    source: '/profile',
    subject: customer.id,
    time: new Date().toISOString(),
    dataschema: dataSchemaOf(types[kind]),
    traceparent: `00-${randomUUID().replaceAll('-', '')}-00f067aa0ba902b7-01`,
    customerversion: ++customer.version,
  };
  return { id, applicationProperties: toApplicationProperties(attributes), body: customer[kind] };
}

/** A sender for one hub. */
export class Publisher {
  #sender;

  constructor(/** @type {string} */ connectionString, /** @type {string} */ hub, customers) {
    this.#sender = new EventHubsSender({ connectionString, eventHubName: hub });
    this.customers = customers;
  }

  /** So many events, one customer after the other. Answers when all are durable. */
  async publish(/** @type {number} */ count, /** @type {'sealed' | 'plain'} */ kind = 'sealed') {
    for (let made = 0; made < count; made += MADE_AT_ONCE) {
      const byPartition = Array.from({ length: PARTITIONS }, () => []);
      for (let n = made; n < Math.min(count, made + MADE_AT_ONCE); n++) {
        const customer = this.customers[n % this.customers.length];
        byPartition[customer.partition].push(nextEvent(customer, kind));
      }
      await Promise.all(byPartition.map((events, partition) => this.send(partition, events)));
    }
  }

  async send(/** @type {number} */ partition, events) {
    for (let done = 0; done < events.length;) {
      done += await this.#sender.send(String(partition), events.slice(done, done + AT_ONCE));
    }
  }

  close() {
    return this.#sender.close();
  }
}
