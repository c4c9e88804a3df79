import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { CustomerEvent, EventType, OpenedEvent } from '@app/contracts';
import { metrics } from '@app/service-defaults';
import { eventually, type StartedBroker, startBroker, testDatabase } from '@app/testing';
import { randomUUID } from 'node:crypto';
import { note } from '../../test-support/handlers.js';
import { customer, sealedEvent } from '../../test-support/sealed-events.js';
import { hubs, Stage } from '../../test-support/stage.js';
import { ConsumerContext, NonRetryableError, SetAsideService } from '../index.js';

let mends = false;

@Controller()
class Picky {
  @EventPattern<EventType>('AddressChanged')
  async handle(@Payload() event: OpenedEvent, @Ctx() { manager }: ConsumerContext): Promise<void> {
    const name = event.data.personal?.current.givenName;
    if (name === 'Flaky' && !mends) throw new Error('not yet');
    if (name === 'Bad' && !mends) throw new NonRetryableError('never');
    await note(manager, event);
  }
}

/** The sum over all label sets that these labels are part of. */
async function told(name: string, labels: Record<string, string> = {}): Promise<number> {
  const { values } = (await metrics.getSingleMetric(name)?.get()) ?? { values: [] };
  const fits = (found: Partial<Record<string, string | number>>) =>
    Object.entries(labels).every(([label, value]) => found[label] === value);
  return values
    .filter(
      ({ labels: found, ...rest }) =>
        fits(found) && !('metricName' in rest && rest.metricName !== `${name}_count`),
    )
    .reduce((sum, { value }) => sum + value, 0);
}

const count = (outcome: string) => told('consumer_events_total', { outcome, group: 'search-indexer' });

describe('the metrics of a consumer', () => {
  let broker: StartedBroker;
  let stage: Stage;

  beforeAll(async () => {
    broker = await startBroker({ config: hubs(1) });
    stage = await Stage.open(broker, 'hub-0', await testDatabase());
  });
  afterAll(async () => {
    await stage.close();
    await broker.stop();
  });

  it('tell of each event by its outcome, of failures, retries, what is set aside, and lag', async () => {
    const [good, flaky, bad, erased] = Array.from({ length: 4 }, () => randomUUID()) as [
      string,
      string,
      string,
      string,
    ];
    const applied = sealedEvent(stage.keys, good, 1);
    const ignored = sealedEvent(stage.keys, good, 2, 'ConsentChanged');
    const foreign = { ...sealedEvent(stage.keys, good, 3), source: '' };
    const flakes = sealedEvent(stage.keys, flaky, 1, 'AddressChanged', { givenName: 'Flaky' });
    const fails = sealedEvent(stage.keys, bad, 1, 'AddressChanged', { givenName: 'Bad' });
    const behind = sealedEvent(stage.keys, bad, 2);
    const lost: CustomerEvent = sealedEvent(stage.keys, erased, 1, 'AddressChanged', { givenName: 'Bad' });
    const erasure = { ...sealedEvent(stage.keys, erased, 2, 'CustomerErased'), data: { changed: [] } };
    expect(customer(good, 1).id).toBe(good);

    stage.keys.away = true;
    await stage.send(applied, applied, ignored, foreign, flakes, fails, behind);
    const consumer = await stage.start([Picky], { retryPausesMs: Array.from({ length: 50 }, () => 300) });
    await eventually(async () => (await told('consumer_lag_events')) >= 1);
    await eventually(async () => (await told('consumer_lag_seconds')) > 0);
    stage.keys.away = false;

    await consumer.waits.whenProcessed(behind.id, { timeoutMs: 10_000 });
    await eventually(async () => (await told('consumer_retries_total', { type: 'AddressChanged' })) >= 2);
    await eventually(async () => (await told('consumer_set_aside', { state: 'retrying' })) === 1);
    await eventually(async () => (await told('consumer_set_aside', { state: 'parked' })) === 1);
    expect(await told('consumer_set_aside_events', { state: 'parked' })).toBe(2);
    const age = await told('consumer_set_aside_oldest_seconds', { state: 'parked' });
    await eventually(
      async () => (await told('consumer_set_aside_oldest_seconds', { state: 'parked' })) > age,
    );
    expect(await told('consumer_parked_total', { type: 'AddressChanged' })).toBe(1);
    expect(await told('consumer_handler_failures_total', { type: 'AddressChanged' })).toBeGreaterThanOrEqual(
      3,
    );
    expect(await Promise.all(['applied', 'duplicate', 'ignored', 'foreign'].map(count))).toEqual([
      1, 1, 1, 1,
    ]);
    expect(await count('set-aside')).toBe(3);

    mends = true;
    await consumer.app.get(SetAsideService).redrive({ state: 'parked' });
    await consumer.waits.whenCaughtUp({ timeoutMs: 10_000 });
    await eventually(async () => (await told('consumer_redriven_total')) === 3);
    await eventually(async () => (await told('consumer_set_aside')) === 0);
    await eventually(async () => (await told('consumer_set_aside_oldest_seconds')) === 0);
    expect(await told('consumer_lag_events')).toBe(0);
    const calls = await told('consumer_handler_duration_seconds', { types: 'AddressChanged' });
    expect(calls).toBeGreaterThanOrEqual(4);

    mends = false;
    await stage.send(lost, erasure);
    await consumer.waits.whenProcessed(erasure.id, { timeoutMs: 10_000 });
    await consumer.waits.whenProcessed(lost.id, { timeoutMs: 10_000 });
    expect(await count('dropped')).toBe(1);

    const before = await told('consumer_fenced_total');
    await stage.sql.query('UPDATE partition_position SET epoch = epoch + 1');
    await stage.send(sealedEvent(stage.keys, good, 4));
    await eventually(async () => (await told('consumer_fenced_total')) > before);
  });

  it('leave out what the database tells while it is away', async () => {
    const { watchSetAside } = await import('./set-aside.metrics.js');
    watchSetAside({ group: 'away', database: { query: () => Promise.reject(new Error('away')) } });
    expect(await metrics.metrics()).toContain('consumer_set_aside{group="search-indexer",state="parked"} 0');
    expect(await metrics.metrics()).not.toContain('group="away"');
  });
});
