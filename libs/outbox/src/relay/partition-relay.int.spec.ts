import type { CustomerEvent } from '@app/contracts';
import { openDatabase } from '@app/database';
import type { OutgoingEvent } from '@app/event-hubs';
import { type TestDatabase, testDatabase } from '@app/testing';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { OutboxTables1700000000300, OutboxWriter } from '../index.js';
import { type BatchLimit, PartitionRelay } from './partition-relay.js';

describe('a batch of the outbox', () => {
  const writer = new OutboxWriter(1);
  let database: TestDatabase;
  let dataSource: DataSource;
  let offered: number[];

  /** Takes one event a message, as when each fills one. */
  const sender = {
    send: async (_: string, events: readonly OutgoingEvent[]) => {
      offered.push(events.length);
      return 1;
    },
  };
  const relay = (limit: Partial<BatchLimit>) =>
    new PartitionRelay(dataSource, sender, { rows: 500, bytes: 1e6, ms: 5_000, ...limit }).relay(0);
  const events = (count: number, bytes: number): CustomerEvent<unknown>[] =>
    Array.from({ length: count }, () => ({
      id: randomUUID(),
      type: 'AddressChanged',
      source: '/profile',
      subject: 'alphabet',
      data: 'x'.repeat(bytes),
    }));
  const waiting = (): Promise<number> =>
    dataSource.query<{ n: number }[]>('SELECT count(*)::int AS n FROM outbox').then(([row]) => row?.n ?? -1);

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await openDatabase(database.url, { migrations: [OutboxTables1700000000300] });
  });
  beforeEach(async () => {
    offered = [];
    await dataSource.query('TRUNCATE outbox');
    await writer.append(dataSource.manager, events(10, 1_000));
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('ends after so many bytes', async () => {
    await relay({ bytes: 2_500 });
    expect(offered).toEqual([3, 2, 1]);
    expect(await waiting()).toBe(7);
  });

  it('has one event, however large that is', async () => {
    await relay({ bytes: 1 });
    expect(offered).toEqual([1]);
  });

  it('begins no other message after its time, and deletes what was acknowledged', async () => {
    expect(await relay({ ms: 0 })).toMatchObject({ published: 1 });
    expect(offered).toEqual([10]);
    expect(await waiting()).toBe(9);
  });
});
