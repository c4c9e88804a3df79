import { eventually, type StartedBroker, startBroker, testDatabase } from '@app/testing';
import { randomUUID } from 'node:crypto';
import type { ConsumerUnderTest } from '../../test-support/consumer-under-test.js';
import { NoteEach } from '../../test-support/handlers.js';
import { sealedEvent } from '../../test-support/sealed-events.js';
import { hubs, Stage } from '../../test-support/stage.js';
import { type ConsumerStatus, type Effect, inboxKey } from '../index.js';

describe('the admin calls of a consumer', () => {
  let broker: StartedBroker;
  let stage: Stage;
  let consumer: ConsumerUnderTest;

  beforeAll(async () => {
    broker = await startBroker({ config: hubs(1) });
    stage = await Stage.open(broker, 'hub-0', await testDatabase());
    consumer = await stage.start([NoteEach]);
    await consumer.server.whenConnected();
    await eventually(() => consumer.server.processor.sessions.length === 4);
  });
  afterAll(async () => {
    await stage.close();
    await broker.stop();
  });

  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(consumer.url + path);
    expect(response.status).toBe(200);
    return (await response.json()) as T;
  };
  const effect = (id: string, query = '') => get<Effect>(`/admin/effects/${id}${query}`);

  it('answer a waiting caller as soon as the event is applied', async () => {
    const event = sealedEvent(stage.keys, randomUUID(), 1);
    expect((await effect(event.id)).state).toBe('pending');
    const answer = effect(event.id, '?wait=20s');
    await stage.send(event);
    expect(await answer).toEqual({
      eventId: event.id,
      consumerGroup: 'search-indexer',
      state: 'applied',
      at: expect.any(String) as string,
    });
  });

  it('say that an event was ignored, in this process and after a restart', async () => {
    const id = randomUUID();
    const unwanted = sealedEvent(stage.keys, id, 1, 'ConsentChanged');
    const wanted = sealedEvent(stage.keys, id, 2);
    const passed = new Promise<{ partitionId: string; sequenceNumber: number }>((resolve) => {
      const note = (progress: {
        ignored: readonly string[];
        partitionId: string;
        sequenceNumber: number;
      }) => {
        if (progress.ignored.includes(unwanted.id)) resolve(progress);
      };
      consumer.events.on('batchSkipped', note);
      consumer.events.on('batchCommitted', note);
    });
    await stage.send(unwanted);
    const { partitionId, sequenceNumber } = await passed;
    const hints = `?partitionId=${partitionId}&sequenceNumber=${sequenceNumber}&type=ConsentChanged`;
    const ignored = { state: 'ignored', at: expect.any(String) as string };
    expect(await effect(unwanted.id)).toMatchObject(ignored);
    await stage.send(wanted);
    await consumer.waits.whenProcessed(wanted.id, { timeoutMs: 10_000 });
    // The stored position has passed it now.
    expect(await effect(unwanted.id, hints)).toMatchObject(ignored);
    await consumer.close();
    consumer = await stage.start([NoteEach]);
    await consumer.waits.whenCaughtUp({ timeoutMs: 10_000 });
    expect((await effect(unwanted.id)).state).toBe('pending');
    expect((await effect(unwanted.id, hints)).state).toBe('ignored');
    expect((await effect(wanted.id, hints)).state).toBe('applied');
  });

  it('notice what another replica has applied', async () => {
    const event = sealedEvent(stage.keys, randomUUID(), 1);
    const answer = effect(event.id, '?wait=10s');
    await stage.sql.query('INSERT INTO inbox (event_id, generation) VALUES ($1, 1)', [event.id]);
    expect((await answer).state).toBe('applied');
  });

  it('tell of an event of another source to who names the source', async () => {
    const event = { ...sealedEvent(stage.keys, randomUUID(), 1), source: '/orders' };
    const key = inboxKey(event.id, event.source);
    await stage.sql.query('INSERT INTO inbox (event_id, generation) VALUES ($1, 1)', [key]);
    expect((await effect(event.id)).state).toBe('pending');
    expect((await effect(event.id, '?source=/orders')).state).toBe('applied');
  });

  it('refuse a partition id that is none', async () => {
    const hints = '?partitionId=%00&sequenceNumber=1';
    const response = await fetch(`${consumer.url}/admin/effects/${randomUUID()}${hints}`);
    expect(response.status).toBe(400);
  });

  it('refuse a wrong wait', async () => {
    for (const wait of ['soon', '31s', '-1s', '5']) {
      const response = await fetch(`${consumer.url}/admin/effects/${randomUUID()}?wait=${wait}`);
      expect(response.status).toBe(400);
    }
  });

  it('tell where the consumer stands', async () => {
    const event = sealedEvent(stage.keys, randomUUID(), 1);
    await stage.send(event);
    await consumer.waits.whenProcessed(event.id, { timeoutMs: 10_000 });
    const status = await get<ConsumerStatus>('/admin/consumer');
    expect(status).toMatchObject({ consumerGroup: 'search-indexer', retrying: 0, parked: 0 });
    expect(status.partitions.map(({ partitionId }) => partitionId)).toEqual(['0', '1', '2', '3']);
    for (const partition of status.partitions) {
      expect(partition).toMatchObject({ owner: expect.any(String) as string, lagEvents: 0, lagSeconds: 0 });
    }
  });

  it('say how far behind it is while its handlers wait', async () => {
    stage.keys.away = true;
    try {
      await stage.send(sealedEvent(stage.keys, randomUUID(), 1), sealedEvent(stage.keys, randomUUID(), 1));
      const { partitions } = await get<ConsumerStatus>('/admin/consumer');
      const lag = partitions.reduce((sum, { lagEvents }) => sum + (lagEvents ?? 0), 0);
      expect(lag).toBe(2);
    } finally {
      stage.keys.away = false;
    }
    await consumer.waits.whenCaughtUp({ timeoutMs: 10_000 });
  });
});
