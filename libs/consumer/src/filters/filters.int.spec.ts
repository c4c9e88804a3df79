import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { CustomerEvent, EventType, OpenedEvent } from '@app/contracts';
import { eventually, type StartedBroker, startBroker, testDatabase } from '@app/testing';
import { randomUUID } from 'node:crypto';
import { note } from '../../test-support/handlers.js';
import { sealedEvent } from '../../test-support/sealed-events.js';
import { hubs, Stage } from '../../test-support/stage.js';
import { ConsumerContext, EventBatchPattern, EventFilter, NonRetryableError } from '../index.js';

const address = (city: string) => ({ addresses: { home: { line1: 'Storgata 1', city, country: 'NO' } } });

@Controller()
class Changes {
  @EventPattern<EventType>('AddressChanged')
  @EventFilter([{ operatorType: 'StringIn', key: 'data.changed', values: ['addresses.home'] }])
  async home(@Payload() event: OpenedEvent, @Ctx() { manager }: ConsumerContext): Promise<void> {
    await note(manager, event, 'home');
  }

  @EventFilter([
    { operatorType: 'StringIn', key: 'data.personal.current.addresses.home.city', values: ['oslo'] },
    { operatorType: 'NumberGreaterThan', key: 'customerversion', value: 1 },
  ])
  @EventBatchPattern(['AddressChanged', 'CustomerErased'])
  async oslo(@Payload() events: OpenedEvent[], @Ctx() { manager }: ConsumerContext): Promise<void> {
    for (const event of events) {
      if (event.data.personal?.current.givenName === 'Bad') throw new NonRetryableError('bad');
      await note(manager, event, 'oslo');
    }
  }
}

@Controller()
class Failing {
  @EventPattern<EventType>('AddressChanged')
  handle(): Promise<void> {
    return Promise.reject(new Error('not today'));
  }
}

describe('what filters let through', () => {
  let broker: StartedBroker;
  let stage: Stage;
  let cases = 0;

  beforeAll(async () => {
    broker = await startBroker({ config: hubs(5) });
  });
  beforeEach(async () => {
    stage = await Stage.open(broker, `hub-${cases++}`, await testDatabase());
  });
  afterEach(() => stage.close());
  afterAll(() => broker.stop());

  const changed = (event: CustomerEvent, path: string): CustomerEvent => ({
    ...event,
    data: { ...event.data, changed: [path] },
  });
  const seen = async () => (await stage.effects()).map(({ event_id, worker }) => [event_id, worker]);

  it('is handled, each by the handlers whose filters match; the rest is ignored and leaves no row', async () => {
    const id = randomUUID();
    const first = sealedEvent(stage.keys, id, 1, 'AddressChanged', address('Oslo'));
    const inOslo = sealedEvent(stage.keys, id, 2, 'AddressChanged', address('OSLO'));
    const billing = changed(
      sealedEvent(stage.keys, id, 3, 'AddressChanged', address('Oslo')),
      'addresses.billing',
    );
    const neither = changed(sealedEvent(stage.keys, id, 4, 'AddressChanged', address('Bergen')), 'x');
    await stage.send(first, inOslo, billing, neither);
    const { waits } = await stage.start([Changes]);
    const effect = await waits.whenProcessed(neither.id, { timeoutMs: 10_000 });
    expect(effect.state).toBe('ignored');
    expect(await seen()).toEqual([
      [first.id, 'home'],
      [inOslo.id, 'home'],
      [inOslo.id, 'oslo'],
      [billing.id, 'oslo'],
    ]);
    const { rows } = await stage.sql.query('SELECT event_id FROM inbox');
    expect(new Set(rows.map(({ event_id }: { event_id: string }) => event_id))).toEqual(
      new Set([first.id, inOslo.id, billing.id]),
    );
  });

  it('is asked again of what was set aside: an event that a newer filter leaves out is ignored, not applied', async () => {
    const id = randomUUID();
    const left = changed(sealedEvent(stage.keys, id, 1), 'addresses.billing');
    const taken = changed(sealedEvent(stage.keys, id, 2), 'addresses.home');
    await stage.send(left, taken);
    const before = await stage.start([Failing], { retryPausesMs: Array.from({ length: 50 }, () => 300) });
    await eventually(async () => (await stage.sql.query('SELECT FROM set_aside_event')).rowCount === 2);
    await before.close();
    const { waits, effects } = await stage.start([Changes]);
    expect((await waits.whenProcessed(taken.id, { timeoutMs: 20_000 })).state).toBe('applied');
    expect((await effects.effectOf(left.id, 0)).state).toBe('ignored');
    expect(await seen()).toEqual([[taken.id, 'home']]);
    const { rows } = await stage.sql.query('SELECT event_id FROM inbox');
    expect(rows).toEqual([{ event_id: taken.id }]);
  });

  it('is asked before the key: what filters on attributes or plain data leave out needs none', async () => {
    const left = changed(sealedEvent(stage.keys, randomUUID(), 1, 'AddressChanged'), 'addresses.billing');
    stage.keys.away = true;
    await stage.send(left);
    const { waits } = await stage.start([Changes]);
    const effect = await waits.whenProcessed(left.id, { timeoutMs: 10_000 });
    expect([effect.state, stage.keys.fetches]).toEqual(['ignored', 0]);
  });

  it('is always CustomerErased, and never what can no longer be opened', async () => {
    const id = randomUUID();
    const before = changed(sealedEvent(stage.keys, id, 2, 'AddressChanged', address('Oslo')), 'x');
    const erased = { ...sealedEvent(stage.keys, id, 3, 'CustomerErased'), data: { changed: [] } };
    stage.keys.erase(id);
    await stage.send(before, erased);
    const { waits } = await stage.start([Changes]);
    await waits.whenProcessed(erased.id, { timeoutMs: 10_000 });
    expect(await seen()).toEqual([[erased.id, 'oslo']]);
    expect((await waits.whenProcessed(before.id, { timeoutMs: 10_000 })).state).toBe('ignored');
  });

  it('waits behind a failed event of its customer; what is left out waits for nobody', async () => {
    const id = randomUUID();
    const bad = sealedEvent(stage.keys, id, 2, 'AddressChanged', { ...address('Oslo'), givenName: 'Bad' });
    const left = changed(sealedEvent(stage.keys, id, 3, 'AddressChanged', address('Bergen')), 'x');
    const behind = sealedEvent(stage.keys, id, 4, 'AddressChanged', address('Oslo'));
    await stage.send(bad, left, behind);
    const { waits } = await stage.start([Changes]);
    await waits.whenProcessed(behind.id, { timeoutMs: 10_000 });
    expect(await stage.setAside()).toEqual([[bad.id, 'parked', 1]]);
    expect((await waits.whenProcessed(left.id, { timeoutMs: 10_000 })).state).toBe('ignored');
    expect(await seen()).toEqual([]);
  });
});
