import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import type { CustomerEvent } from '@app/contracts';
import { eventually, type StartedBroker, startBroker, testDatabase } from '@app/testing';
import { randomUUID } from 'node:crypto';
import { NoteBatch, NoteEach } from '../test-support/handlers.js';
import { sealedEvent } from '../test-support/sealed-events.js';
import { hubs, Stage } from '../test-support/stage.js';
import { ALL_TYPES, ConsumerContext, EventBatchPattern } from './index.js';

describe('every effect once, on the real engine', () => {
  let broker: StartedBroker;
  let stage: Stage;
  let cases = 0;

  beforeAll(async () => {
    broker = await startBroker({ config: hubs(8) });
  });
  beforeEach(async () => {
    stage = await Stage.open(broker, `hub-${cases++}`, await testDatabase());
  });
  afterEach(() => stage.close());
  afterAll(() => broker.stop());

  const customers = (count: number) => Array.from({ length: count }, () => randomUUID());
  const events = (ids: readonly string[], versions: number) =>
    Array.from({ length: versions }, (_, v) => ids.map((id) => sealedEvent(stage.keys, id, v + 1))).flat();

  it.each([NoteEach, NoteBatch])('applies 2,000 events with duplicates, in order: %p', async (handlers) => {
    const sent = events(customers(100), 20);
    await stage.send(...sent, ...sent.slice(1_900), ...sent.slice(0, 100));
    const consumer = await stage.start([handlers]);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const effects = await stage.effects();
    expect(effects.length).toBe(2_000);
    expect(new Set(effects.map(({ event_id }) => event_id)).size).toBe(2_000);
    expect(await stage.reordered()).toBe(0);
  });

  it('goes on where it was', async () => {
    const [id = ''] = customers(1);
    const [first, second] = events([id], 2) as [CustomerEvent, CustomerEvent];
    await stage.send(first);
    const before = await stage.start([NoteEach]);
    await before.waits.whenProcessed(first.id, { timeoutMs: 10_000 });
    await before.close();
    await stage.send(second);
    const after = await stage.start([NoteEach]);
    const applied: string[] = [];
    after.events.on('batchCommitted', (progress) =>
      applied.push(...progress.applied, ...progress.duplicates),
    );
    await after.waits.whenProcessed(second.id, { timeoutMs: 10_000 });
    expect(applied).toEqual([second.id]);
  });

  it('hands over null for an erased customer, and waits for a key it cannot have', async () => {
    const [erased = '', alive = ''] = customers(2);
    const lost = sealedEvent(stage.keys, erased, 1);
    const kept = sealedEvent(stage.keys, alive, 1);
    stage.keys.erase(erased);
    stage.keys.away = true;
    await stage.send(lost, kept);
    const consumer = await stage.start([NoteEach]);
    await eventually(() => stage.keys.fetches > 2);
    expect(await stage.effects()).toEqual([]);
    stage.keys.away = false;
    await consumer.waits.whenCaughtUp({ timeoutMs: 10_000 });
    const versions = new Map((await stage.effects()).map(({ subject, version }) => [subject, version]));
    expect(versions).toEqual(
      new Map([
        [erased, null],
        [alive, 1],
      ]),
    );
  });

  it('passes over what is no CloudEvent, and parks what its handlers cannot read', async () => {
    const [id = ''] = customers(1);
    const unreadable = { ...sealedEvent(stage.keys, id, 1), data: 'no object' };
    const wrongSource = { ...sealedEvent(stage.keys, id, 2), source: '' };
    const unsealed = { ...sealedEvent(stage.keys, id, 3), data: { changed: [], personal: { plain: true } } };
    const good = sealedEvent(stage.keys, id, 4);
    await stage.send(unreadable, wrongSource, unsealed, good);
    let foreign = 0;
    const consumer = await stage.start([NoteEach]);
    consumer.events.on('batchCommitted', (progress) => (foreign += progress.foreign));
    expect((await consumer.waits.whenProcessed(good.id, { timeoutMs: 10_000 })).state).toBe('parked');
    expect(foreign).toBe(1);
    expect(await stage.effects()).toEqual([]);
    expect(await stage.setAside()).toEqual([[unreadable.id, 'parked', 2]]);
  });

  it('gives an auditor every CloudEvent as it lies on the hub', async () => {
    const seen: string[] = [];

    @Controller()
    class Auditor {
      @EventBatchPattern(ALL_TYPES, { opened: false })
      handle(@Payload() batch: CustomerEvent<unknown>[], @Ctx() { rawEvents }: ConsumerContext): void {
        for (const [index, raw] of rawEvents.entries()) {
          const event = batch[index];
          seen.push(`${event?.type} ${raw.body.equals(Buffer.from(JSON.stringify(event?.data)))}`);
        }
      }
    }

    const [id = ''] = customers(1);
    const sealed = sealedEvent(stage.keys, id, 1);
    const foreign = {
      id: 'not a uuid',
      type: 'com.example.Other',
      source: '/elsewhere',
      subject: id,
      data: [1, 2],
    };
    await stage.send(sealed, foreign);
    const consumer = await stage.start([Auditor]);
    await consumer.waits.whenProcessed('not a uuid', { timeoutMs: 10_000 });
    expect(seen).toEqual(['AddressChanged true', 'com.example.Other true']);
    expect(stage.keys.fetches).toBe(0);
  });
});
