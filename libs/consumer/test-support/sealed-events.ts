import {
  type Customer,
  type CustomerEvent,
  newPersonalDataKey,
  partitionForKey,
  seal,
  toApplicationProperties,
} from '@app/contracts';
import { EventHubsSender, type EventHubsSettings, type OutgoingEvent } from '@app/event-hubs';
import { v7 as uuidv7 } from 'uuid';
import { KeyServiceError, type PersonalDataKey } from '../src/index.js';

/** Stands in for the profile service: makes a key for every customer it seals for, and hands it out. */
export class KeyRing {
  private readonly keys = new Map<string, PersonalDataKey>();
  /** The key service is away. */
  away = false;
  fetches = 0;

  keyOf(customerId: string): Buffer {
    const known = this.keys.get(customerId);
    if (known && !known.erased) return known.key;
    const key = newPersonalDataKey();
    this.keys.set(customerId, { erased: false, key });
    return key;
  }

  erase(customerId: string): void {
    this.keys.set(customerId, { erased: true });
  }

  async fetch(customerIds: readonly string[]): Promise<Map<string, PersonalDataKey>> {
    this.fetches++;
    if (this.away) throw new KeyServiceError('the key service is away');
    return new Map(
      customerIds.map((id) => {
        const key = this.keys.get(id);
        if (!key) throw new KeyServiceError(`unknown customer ${id}`);
        return [id, key];
      }),
    );
  }
}

/** A customer as the schema of events has it. */
export function customer(id: string, version: number, more: Partial<Customer> = {}): Customer {
  const at = '2026-01-01T00:00:00.000Z';
  const name = { accountNumber: `A-${id}`, givenName: 'Kari', familyName: 'Nordmann' };
  const maps = { addresses: {}, preferences: {}, consents: {} };
  return { id, version, ...name, ...maps, createdAt: at, updatedAt: at, ...more };
}

/** An event about a customer, sealed under its key. */
export function sealedEvent(
  keys: KeyRing,
  customerId: string,
  version: number,
  type = 'AddressChanged',
  more: Partial<Customer> = {},
): CustomerEvent {
  const personal = { current: customer(customerId, version, more), previous: {} };
  return {
    id: uuidv7(),
    type,
    source: '/profile',
    subject: customerId,
    time: new Date().toISOString(),
    customerversion: version,
    data: { changed: ['addresses.home'], personal: seal(personal, customerId, keys.keyOf(customerId)) },
  };
}

export function outgoing({ data, ...attributes }: CustomerEvent<unknown>): OutgoingEvent {
  return {
    id: attributes.id,
    applicationProperties: toApplicationProperties(attributes),
    body: JSON.stringify(data),
  };
}

/** Sends events as the relay does: by partition id, in order. */
export async function send(
  settings: EventHubsSettings,
  events: readonly CustomerEvent<unknown>[],
  partitionCount = 4,
): Promise<void> {
  const sender = new EventHubsSender(settings);
  const byPartition = new Map<number, CustomerEvent<unknown>[]>();
  for (const event of events) {
    const partition = partitionForKey(event.subject ?? '', partitionCount);
    byPartition.set(partition, [...(byPartition.get(partition) ?? []), event]);
  }
  for (const [partition, mine] of byPartition) {
    const messages = mine.map(outgoing);
    for (let done = 0; done < messages.length;) {
      done += await sender.send(String(partition), messages.slice(done));
    }
  }
  await sender.close();
}
