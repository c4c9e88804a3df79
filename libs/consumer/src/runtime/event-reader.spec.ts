import { Logger } from '@nestjs/common';
import { newPersonalDataKey, seal, sealByOrigin } from '@app/contracts';
import type { ReceivedEventData } from '@app/event-hubs';
import { randomUUID } from 'node:crypto';
import { customer as customerOf } from '../../test-support/sealed-events.js';
import { HandlerRegistry } from '../handlers/handler-registry.js';
import { KeyCache } from '../keys/key-cache.js';
import { KeyServiceError } from '../keys/key-source.js';
import { EventReader } from './event-reader.js';
import type { WantedEvent } from './select-events.js';

const customer = randomUUID();
const key = newPersonalDataKey();
const personal = { current: customerOf(customer, 1), previous: {} };

describe('reading a batch', () => {
  let away: boolean;
  const source = {
    fetch: async (ids: readonly string[]) => {
      if (away) throw new KeyServiceError('away');
      return new Map(ids.map((id) => [id, { erased: false as const, key }]));
    },
  };
  const reader = () => {
    const registry = new HandlerRegistry();
    for (const type of ['AddressChanged', 'CustomerErased']) {
      registry.add(type, async () => undefined as never, {});
    }
    return new EventReader(registry, new KeyCache(source, 10));
  };
  const wanted = (data: unknown): WantedEvent => {
    const id = randomUUID();
    return {
      received: { sequenceNumber: 1 } as ReceivedEventData,
      attributes: { id, type: 'AddressChanged', source: '/profile', subject: customer },
      body: Buffer.from(JSON.stringify(data)),
      key: id,
    };
  };

  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(() => {
    away = false;
  });

  it('passes over an event that its customer’s key does not open, and reads the others', async () => {
    const good = wanted({ changed: [], personal: seal(personal, customer, key) });
    const forged = wanted({ changed: [], personal: seal(personal, customer, newPersonalDataKey()) });
    const { readable, unreadable } = await reader().read([forged, good]);
    expect([...unreadable.keys()]).toEqual([forged]);
    expect([...readable.keys()]).toEqual([good]);
  });

  it('opens what a merged duplicate lent with the duplicate’s key, and refuses what names no customer', async () => {
    const duplicate = randomUUID();
    const email = 'lent@example.org';
    const current = { ...personal.current, email };
    const lent = [{ customerId: duplicate, key, values: new Map([['email', email]]) }];
    const sealed = sealByOrigin({ current, previous: {} }, customer, { own: key, lent });
    const event = wanted({ changed: ['email'], personal: sealed });
    const forged = wanted({
      changed: [],
      personal: seal({ ...personal, lent: [seal({}, 'nobody', key)] }, customer, key),
    });
    const { readable, unreadable } = await reader().read([event, forged]);
    expect(readable.get(event)?.opened).toEqual({ changed: ['email'], personal: { current, previous: {} } });
    expect([...unreadable.keys()]).toEqual([forged]);
  });

  it('hands over who is erased in whatever version and form', async () => {
    const event = wanted({ erasedAt: '2030-01-01' });
    Object.assign(event.attributes, {
      type: 'CustomerErased',
      dataschema: '/schemas/CustomerErased/v9.json',
    });
    const { readable, unreadable } = await reader().read([event]);
    expect([readable.has(event), unreadable.size]).toEqual([true, 0]);
  });

  it('decides nothing while keys cannot be had', async () => {
    away = true;
    const event = wanted({ changed: [], personal: seal(personal, customer, key) });
    await expect(reader().read([event])).rejects.toBeInstanceOf(KeyServiceError);
  });
});
