import { Logger } from '@nestjs/common';
import type { CustomerEvent } from '@app/contracts';
import { openDatabase } from '@app/database';
import { EventHubsSender } from '@app/event-hubs';
import {
  eventually,
  FaultyProxy,
  type StartedBroker,
  startBroker,
  type TestDatabase,
  testDatabase,
} from '@app/testing';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { StreamRecorder } from '../test-support/stream-recorder.js';
import { OutboxRelay, OutboxTables1700000000300, OutboxWriter } from './index.js';

const partitionCount = 4;
const config = {
  UserConfig: {
    NamespaceConfig: [
      {
        Type: 'EventHub',
        Name: 'test',
        Entities: Array.from({ length: 8 }, (_, n) => ({
          Name: `hub-${n}`,
          PartitionCount: partitionCount,
          ConsumerGroups: [],
        })),
      },
    ],
    LoggingConfig: { Type: 'Console' },
  },
};

describe('the outbox, on the real engine', () => {
  const writer = new OutboxWriter(partitionCount);
  let broker: StartedBroker;
  let database: TestDatabase;
  let dataSource: DataSource;
  let recorder: StreamRecorder;
  let relays: OutboxRelay[];
  let sources: DataSource[];
  let cases = -1;

  const settings = () => ({ connectionString: broker.connectionString, eventHubName: `hub-${cases}` });
  const open = async () => {
    const source = await openDatabase(database.url, { migrations: [OutboxTables1700000000300] });
    sources.push(source);
    return source;
  };
  /** A relay as a process of its own would have it: own connections to database and engine. */
  const startRelay = async (options = {}) => {
    const relay = new OutboxRelay(await open(), new EventHubsSender(settings()), {
      partitionCount,
      pollIntervalMs: 100,
      batchSize: 500,
      ...options,
    });
    relays.push(relay);
    relay.start();
    return relay;
  };
  const event = (subject: string, version: number, data: unknown = { version }): CustomerEvent<unknown> => ({
    id: uuidv7(),
    type: 'AddressChanged',
    source: '/profile',
    subject,
    customerversion: version,
    data,
  });
  const waiting = async (): Promise<number> => {
    const rows = await dataSource.query<{ n: number }[]>('SELECT count(*)::int AS n FROM outbox');
    return rows[0]?.n ?? -1;
  };

  beforeAll(async () => {
    Logger.overrideLogger(false);
    broker = await startBroker({ config });
  });
  beforeEach(async () => {
    cases++;
    relays = [];
    sources = [];
    database = await testDatabase();
    dataSource = await open();
    recorder = new StreamRecorder(settings());
  });
  afterEach(async () => {
    for (const relay of relays) await relay.stop();
    await recorder.close();
    for (const source of sources) await source.destroy();
    await database.drop();
  });
  afterAll(() => broker.stop());

  it('keeps the order of 20 hot customers with two relays', async () => {
    const customers = Array.from({ length: 20 }, () => ({ id: randomUUID(), version: 0 }));
    const write = () =>
      dataSource.transaction((manager) =>
        writer.append(
          manager,
          customers.map((customer) => event(customer.id, ++customer.version)),
        ),
      );
    // A backlog when the relays begin, and more while they are at it: else they never get into each other's way.
    for (let round = 0; round < 40; round++) await write();
    const [one, other] = await Promise.all([startRelay({ batchSize: 10 }), startRelay({ batchSize: 10 })]);
    for (let round = 0; round < 10; round++) {
      await write();
      one.wake();
      other.wake();
    }
    await Promise.all([one.whenDrained(), other.whenDrained()]);
    await eventually(() => recorder.distinct === 1_000);
    expect(recorder.reordered).toEqual([]);
    expect(recorder.all.length).toBe(1_000);
  });

  it('skips nothing when an id that was taken early is committed late', async () => {
    const relay = await startRelay();
    const early = dataSource.createQueryRunner();
    await early.startTransaction();
    await writer.append(early.manager, [event(randomUUID(), 1)]);
    const late = event(randomUUID(), 1);
    await dataSource.transaction((manager) => writer.append(manager, late));
    relay.wake();
    await eventually(() => recorder.all.some(({ id }) => id === late.id));
    await early.commitTransaction();
    await early.release();
    await relay.whenDrained();
    await eventually(() => recorder.distinct === 2);
    expect(await waiting()).toBe(0);
  });

  it('waits for an engine that was killed, and goes on when it is back', async () => {
    const relay = await startRelay();
    const id = randomUUID();
    await dataSource.transaction((manager) => writer.append(manager, event(id, 1)));
    await relay.whenDrained();
    await broker.kill('SIGKILL');
    await dataSource.transaction((manager) =>
      writer.append(
        manager,
        Array.from({ length: 50 }, (_, n) => event(id, n + 2)),
      ),
    );
    relay.wake();
    expect(await waiting()).toBe(50);
    broker = await broker.restart();
    await relay.whenDrained();
    await eventually(() => recorder.distinct === 51, { timeoutMs: 15_000 });
    expect(recorder.reordered).toEqual([]);
  });

  it('loses nothing when the engine is killed in the middle of sending', async () => {
    const ids = Array.from({ length: 20 }, () => randomUUID());
    const relay = await startRelay({ batchSize: 20 });
    const text = 'x'.repeat(2_000);
    for (let version = 1; version <= 100; version++) {
      await dataSource.transaction((manager) =>
        writer.append(
          manager,
          ids.map((id) => event(id, version, { text })),
        ),
      );
      relay.wake();
      if (version !== 50) continue;
      await eventually(() => recorder.distinct > 200);
      await broker.kill('SIGKILL');
      broker = await broker.restart();
    }
    await relay.whenDrained();
    await eventually(() => recorder.distinct === 2_000, { timeoutMs: 15_000 });
    expect(recorder.reordered).toEqual([]);
  });

  it('sets a row aside that no message can carry, and sends the others', async () => {
    const relay = await startRelay();
    const id = randomUUID();
    const tooLarge = event(id, 2, { text: 'x'.repeat(1_100_000) });
    await dataSource.transaction((manager) => writer.append(manager, [event(id, 1), tooLarge, event(id, 3)]));
    await relay.whenDrained();
    await eventually(() => recorder.distinct === 2);
    const rejected = await dataSource.query('SELECT event_id, reason FROM outbox_rejected');
    expect(rejected).toEqual([
      { event_id: tooLarge.id, reason: expect.stringContaining('does not fit') as string },
    ]);
  });

  it('sends a batch larger than one message in several, in order', async () => {
    const relay = await startRelay();
    const id = randomUUID();
    const text = 'x'.repeat(20_000);
    await dataSource.transaction((manager) =>
      writer.append(
        manager,
        Array.from({ length: 200 }, (_, n) => event(id, n + 1, { text })),
      ),
    );
    await relay.whenDrained();
    await eventually(() => recorder.distinct === 200);
    expect(recorder.reordered).toEqual([]);
  });

  it('leaves a partition to another relay that is at it', async () => {
    const id = randomUUID();
    const holder = dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT pg_advisory_xact_lock(7104023, p) FROM generate_series(0, 3) p');
    await dataSource.transaction((manager) => writer.append(manager, event(id, 1)));
    const relay = await startRelay();
    relay.wake();
    await eventually(async () => {
      const rows = await dataSource.query<{ n: number }[]>(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_try_advisory_xact_lock%' OR query = 'ROLLBACK'`,
      );
      return (rows[0]?.n ?? 0) > 0;
    });
    expect(await waiting()).toBe(1);
    await holder.rollbackTransaction();
    await holder.release();
    await relay.whenDrained();
    expect(await waiting()).toBe(0);
  });

  it('ends in time although the engine has fallen silent, and the next one sends what waits', async () => {
    const proxy = await FaultyProxy.to(broker.amqpPort);
    const connectionString = broker.connectionString.replace(`:${broker.amqpPort}`, `:${proxy.port}`);
    const sender = new EventHubsSender({ ...settings(), connectionString });
    const relay = new OutboxRelay(await open(), sender, {
      partitionCount,
      pollIntervalMs: 100,
      batchSize: 500,
    });
    relays.push(relay);
    relay.start();
    const id = randomUUID();
    await dataSource.transaction((manager) => writer.append(manager, event(id, 1)));
    await relay.whenDrained();
    proxy.silence();
    await dataSource.transaction((manager) => writer.append(manager, event(id, 2)));
    relay.wake();
    await eventually(() => proxy.struck > 0);
    const began = performance.now();
    await relay.stop();
    // A send gives up after 5 s by itself.
    expect(performance.now() - began).toBeLessThan(4_500);
    await proxy.close();
    expect(await waiting()).toBe(1);
    await (await startRelay()).whenDrained();
    await eventually(() => recorder.distinct === 2);
    expect(recorder.reordered).toEqual([]);
  });
});
