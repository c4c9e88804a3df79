import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { EventType, OpenedEvent } from '@app/contracts';
import { type StartedBroker, startBroker, testDatabase } from '@app/testing';
import { randomUUID } from 'node:crypto';
import { ConsumerContext } from '../index.js';
import { note } from '../../test-support/handlers.js';
import { sealedEvent } from '../../test-support/sealed-events.js';
import { hubs, Stage } from '../../test-support/stage.js';

const customers = Array.from({ length: 20 }, () => randomUUID() as string);
const [broken = '', careless = ''] = customers;
let running = 0;
let most = 0;

@Controller()
class PerCustomer {
  @EventPattern<EventType>('AddressChanged', { perCustomer: true })
  async handle(@Payload() event: OpenedEvent, @Ctx() { manager }: ConsumerContext): Promise<void> {
    most = Math.max(most, ++running);
    try {
      if (event.subject === broken) await manager.query('SELECT 1 / 0');
      // What it takes for done has put an end to the transaction.
      if (event.subject === careless) await manager.query('SELECT 1 / 0').catch(() => undefined);
      await note(manager, event);
    } finally {
      running--;
    }
  }
}

describe('handlers that keep to their customer', () => {
  let broker: StartedBroker;
  let stage: Stage;
  let cases = 0;

  beforeAll(async () => {
    broker = await startBroker({ config: hubs(2) });
  });
  beforeEach(async () => {
    stage = await Stage.open(broker, `hub-${cases++}`, await testDatabase());
  });
  afterEach(() => stage.close());
  afterAll(() => broker.stop());

  it('run at once, each customer in order and once; who fails is set aside alone', async () => {
    const sent = Array.from({ length: 10 }, (_, v) =>
      customers.map((id) => sealedEvent(stage.keys, id, v + 1)),
    );
    await stage.send(...sent.flat(), ...sent.flat().slice(0, 100));
    const consumer = await stage.start([PerCustomer], {
      connection: { pipeline: true },
      retryPausesMs: [],
    });
    await consumer.waits.whenCaughtUp({ timeoutMs: 50_000 });
    const effects = await stage.effects();
    expect(effects.length).toBe(18 * 10);
    expect(new Set(effects.map(({ event_id }) => event_id)).size).toBe(18 * 10);
    expect(effects.some(({ subject }) => [broken, careless].includes(subject))).toBe(false);
    expect(await stage.reordered()).toBe(0);
    expect(most).toBeGreaterThan(3);
    const parked = await stage.sql.query('SELECT customer_id FROM set_aside_customer ORDER BY 1');
    expect(parked.rows.map((row: { customer_id: string }) => row.customer_id)).toEqual(
      [broken, careless].toSorted(),
    );
  }, 60_000);

  it('need a connection that carries several statements at once', async () => {
    await expect(stage.start([PerCustomer])).rejects.toThrow('pipeline: true');
  });
});
