import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { CustomerEvent, EventType, OpenedEvent } from '@app/contracts';
import {
  addDatabaseClock,
  eventually,
  setDatabaseClock,
  type StartedBroker,
  startBroker,
  testDatabase,
} from '@app/testing';
import { randomUUID } from 'node:crypto';
import { note } from '../../test-support/handlers.js';
import { outgoing, sealedEvent } from '../../test-support/sealed-events.js';
import { hubs, Stage } from '../../test-support/stage.js';
import { ConsumerContext, EventBatchPattern, NonRetryableError, SetAsideService } from '../index.js';

/** Events that fail, and how often still. */
const failing = new Map<string, number>();
const attempts: string[] = [];

function mayFail({ id }: { id: string }): void {
  attempts.push(id);
  const left = failing.get(id) ?? 0;
  if (left <= 0) return;
  failing.set(id, left - 1);
  throw new Error('not yet');
}

@Controller()
class Each {
  @EventPattern<EventType>('AddressChanged')
  async handle(@Payload() event: OpenedEvent, @Ctx() { manager }: ConsumerContext): Promise<void> {
    await note(manager, event);
    mayFail(event);
  }
}

@Controller()
class Batch {
  @EventBatchPattern(['AddressChanged'])
  async handle(@Payload() events: OpenedEvent[], @Ctx() { manager }: ConsumerContext): Promise<void> {
    for (const event of events) await note(manager, event);
    for (const event of events) mayFail(event);
  }
}

describe('events that fail, on the real engine', () => {
  let broker: StartedBroker;
  let stage: Stage;
  let cases = 0;

  beforeAll(async () => {
    broker = await startBroker({ config: hubs(16) });
  });
  beforeEach(async () => {
    failing.clear();
    attempts.length = 0;
    stage = await Stage.open(broker, `hub-${cases++}`, await testDatabase());
  });
  afterEach(() => stage.close());
  afterAll(() => broker.stop());

  const quick = { retryPausesMs: [10, 10, 10, 10] };
  const versions = (id: string, count: number, from = 1) =>
    Array.from({ length: count }, (_, v) => sealedEvent(stage.keys, id, v + from));
  const idsOf = (events: readonly { id: string }[]) => events.map(({ id }) => id);
  const effectsOf = async (customer: string) =>
    (await stage.effects()).filter(({ subject }) => subject === customer).map(({ event_id }) => event_id);

  describe.each([Each, Batch])('%p', (handlers) => {
    it('leave the partition at their first failure, and keep their customer’s order', async () => {
      const [bad, good] = [randomUUID(), randomUUID()];
      const held = versions(bad, 5);
      const others = versions(good, 5);
      failing.set(held[1]?.id as string, 1_000);
      await stage.send(...held.flatMap((event, n) => [event, others[n] as CustomerEvent]));
      const consumer = await stage.start([handlers], { retryPausesMs: Array<number>(100).fill(100) });
      await eventually(async () => {
        expect((await effectsOf(good)).length).toBe(5);
        expect(await stage.setAside()).toEqual([[held[1]?.id, 'retrying', 3]]);
      });
      expect(await effectsOf(bad)).toEqual([held[0]?.id]);
      failing.clear();
      await consumer.waits.whenCaughtUp({ timeoutMs: 10_000 });
      expect(await effectsOf(bad)).toEqual(idsOf(held));
      expect(await stage.setAside()).toEqual([]);
    });

    it('are parked after five attempts, with the customer’s later events behind them', async () => {
      const [bad, good] = [randomUUID(), randomUUID()];
      const held = versions(bad, 3);
      failing.set(held[0]?.id as string, 1_000);
      await stage.send(...held, ...versions(good, 2));
      const consumer = await stage.start([handlers], quick);
      await consumer.waits.whenCaughtUp({ timeoutMs: 10_000 });
      expect(await stage.setAside()).toEqual([[held[0]?.id, 'parked', 2]]);
      const [listed] = await consumer.app.get(SetAsideService).list({}, { after: undefined, limit: 10 });
      expect(listed).toMatchObject({ attempts: 5, reason: 'Error: not yet' });
      const later = versions(bad, 1, 4);
      await stage.send(...later);
      const effect = await consumer.waits.whenProcessed(later[0]?.id as string, { timeoutMs: 10_000 });
      expect(effect).toMatchObject({ state: 'parked', waitingBehind: 0 });
      expect(await effectsOf(bad)).toEqual([]);
      expect((await effectsOf(good)).length).toBe(2);

      failing.clear();
      await consumer.app.get(SetAsideService).redrive({ customerId: bad });
      await consumer.waits.whenCaughtUp({ timeoutMs: 10_000 });
      expect(await effectsOf(bad)).toEqual(idsOf([...held, ...later]));
    });
  });

  it('are parked at once when another try cannot help', async () => {
    @Controller()
    class Refuses {
      @EventPattern<EventType>('AddressChanged')
      handle(@Payload() { id }: OpenedEvent): void {
        attempts.push(id);
        throw new NonRetryableError('no such country');
      }
    }
    const [event] = versions(randomUUID(), 1) as [CustomerEvent];
    await stage.send(event);
    const consumer = await stage.start([Refuses], quick);
    await consumer.waits.whenProcessed(event.id, { timeoutMs: 10_000 });
    expect(attempts).toEqual([event.id]);
    const [listed] = await consumer.app.get(SetAsideService).list({}, { after: undefined, limit: 10 });
    expect(listed).toMatchObject({
      attempts: 1,
      reason: 'NonRetryableError: no such country',
      state: 'parked',
    });
  });

  it.each([1, 24 * 365])(
    'are tried again when the database’s clock, %p h ahead, is set right',
    async (hours) => {
      await addDatabaseClock(stage.database.url);
      const [event] = versions(randomUUID(), 1);
      failing.set(event?.id as string, 1);
      await stage.send(event as CustomerEvent);
      await setDatabaseClock(stage.database.url, hours * 3_600_000);
      const consumer = await stage.start([Each], { retryPausesMs: [30_000] });
      await eventually(async () => expect(await stage.setAside()).toEqual([[event?.id, 'retrying', 0]]));
      await setDatabaseClock(stage.database.url, 0);
      await consumer.waits.whenCaughtUp({ timeoutMs: 10_000 });
      expect(attempts).toHaveLength(2);
    },
  );

  it('are kept as they were received', async () => {
    const [event] = versions(randomUUID(), 1) as [CustomerEvent];
    failing.set(event.id, 1_000);
    await stage.send(event);
    const consumer = await stage.start([Each], quick);
    await consumer.waits.whenProcessed(event.id, { timeoutMs: 10_000 });
    const found = await consumer.app.get(SetAsideService).find({ eventId: event.id });
    const sent = outgoing(event);
    expect(found.message.properties).toEqual(sent.applicationProperties);
    expect(Buffer.from(found.body, 'base64').toString()).toBe(sent.body);
  });

  it('let the customer go when they are discarded, and do not come back', async () => {
    const customer = randomUUID();
    const held = versions(customer, 3);
    const [bad] = held as [CustomerEvent];
    failing.set(bad.id, 1_000);
    await stage.send(...held);
    const consumer = await stage.start([Each], quick);
    await consumer.waits.whenCaughtUp({ timeoutMs: 10_000 });
    await consumer.app.get(SetAsideService).discard({ eventId: bad.id }, 'sent by mistake', 'an operator');
    await consumer.waits.whenCaughtUp({ timeoutMs: 10_000 });
    await stage.send(bad);
    await consumer.waits.whenCaughtUp({ timeoutMs: 10_000 });
    expect(await effectsOf(customer)).toEqual(idsOf(held.slice(1)));
    expect((await consumer.waits.whenProcessed(bad.id, { timeoutMs: 10_000 })).state).toBe('discarded');
  });

  it('are dropped when their customer is erased, whatever the consumer wants', async () => {
    const customer = randomUUID();
    const held = versions(customer, 3);
    failing.set(held[0]?.id as string, 1_000);
    await stage.send(...held);
    const consumer = await stage.start([Each], quick);
    await consumer.waits.whenCaughtUp({ timeoutMs: 10_000 });
    const erased = {
      ...sealedEvent(stage.keys, customer, 4, 'CustomerErased'),
      data: { changed: [], erasureId: 'e1' },
    };
    await stage.send(erased);
    expect((await consumer.waits.whenProcessed(erased.id, { timeoutMs: 10_000 })).state).toBe('applied');
    expect(await stage.setAside()).toEqual([]);
    expect(await effectsOf(customer)).toEqual([]);
    const { rows } = await stage.sql.query('SELECT erasure_id FROM erasure_to_confirm');
    expect(rows).toEqual([{ erasure_id: 'e1' }]);
  });

  it('do not hold up a partition by a handler that never ends', async () => {
    @Controller()
    class NeverEnds {
      @EventPattern<EventType>('AddressChanged')
      async handle(@Payload() event: OpenedEvent, @Ctx() { manager }: ConsumerContext): Promise<void> {
        await note(manager, event);
        if (failing.has(event.id)) await new Promise(() => undefined);
      }
    }
    const [stuck, good] = [versions(randomUUID(), 1), versions(randomUUID(), 1)];
    failing.set(stuck[0]?.id as string, 1);
    await stage.send(...stuck, ...good);
    const consumer = await stage.start([NeverEnds], { ...quick, handlerTimeoutMs: 100 });
    await consumer.waits.whenCaughtUp({ timeoutMs: 10_000 });
    expect(await stage.setAside()).toEqual([[stuck[0]?.id, 'parked', 0]]);
    expect((await stage.effects()).map(({ event_id }) => event_id)).toEqual(idsOf(good));
  });

  it('do not hold up a partition by a handler that waits for something else', async () => {
    @Controller()
    class Hangs {
      @EventPattern<EventType>('AddressChanged')
      async handle(@Payload() event: OpenedEvent, @Ctx() { manager }: ConsumerContext): Promise<void> {
        await note(manager, event);
        if (!failing.has(event.id)) return;
        await new Promise((resolve) => setTimeout(resolve, 5_500));
        await manager.query('SELECT 1');
      }
    }
    const [slow, good] = [versions(randomUUID(), 1), versions(randomUUID(), 1)];
    failing.set(slow[0]?.id as string, 1);
    await stage.send(...slow, ...good);
    await stage.start([Hangs]);
    await eventually(
      async () =>
        expect(idsOf((await stage.effects()).map(({ event_id: id }) => ({ id })))).toEqual(idsOf(good)),
      {
        timeoutMs: 20_000,
      },
    );
  });
});
