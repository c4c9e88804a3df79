import { Controller, Injectable } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { EventType, OpenedEvent } from '@app/contracts';
import { eventually, type StartedBroker, startBroker, type TestDatabase, testDatabase } from '@app/testing';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { type ConsumerUnderTest, startConsumer } from '../test-support/consumer-under-test.js';
import { KeyRing, sealedEvent, send } from '../test-support/sealed-events.js';
import { ConsumerContext } from './index.js';

@Injectable()
class NoteEffect {
  async note(event: OpenedEvent, { manager }: ConsumerContext): Promise<void> {
    await manager.query('INSERT INTO effect (event_id, subject, version) VALUES ($1, $2, $3)', [
      event.id,
      event.subject,
      event.data.personal?.current.version,
    ]);
  }
}

@Controller()
class EveryAddress {
  private readonly effects = new NoteEffect();

  @EventPattern<EventType>('AddressChanged')
  async handle(@Payload() event: OpenedEvent, @Ctx() context: ConsumerContext): Promise<void> {
    await this.effects.note(event, context);
  }
}

describe('a consumer on the real engine', () => {
  let broker: StartedBroker;
  let database: TestDatabase;
  let sql: Client;
  const keys = new KeyRing();
  const running: ConsumerUnderTest[] = [];

  const start = async (controllers = [EveryAddress]) => {
    const consumer = await startConsumer({
      databaseUrl: database.url,
      connectionString: broker.connectionString,
      keys,
      controllers,
    });
    running.push(consumer);
    return consumer;
  };

  beforeAll(async () => {
    [broker, database] = await Promise.all([startBroker(), testDatabase()]);
    sql = new Client({ connectionString: database.url });
    await sql.connect();
  });
  afterEach(async () => {
    for (const consumer of running.splice(0)) await consumer.close();
  });
  afterAll(async () => {
    await sql.end();
    await broker.stop();
    await database.drop();
  });

  const count = async (what: string): Promise<number> => {
    const { rows } = await sql.query<{ n: number }>(`SELECT count(${what})::int AS n FROM effect`);
    return rows[0]?.n ?? 0;
  };

  it('applies 2,000 events of four partitions once each, duplicates or not', async () => {
    const customers = Array.from({ length: 100 }, () => randomUUID());
    const events = Array.from({ length: 20 }, (_, version) =>
      customers.map((id) => sealedEvent(keys, id, version + 1)),
    ).flat();
    await send(broker.connectionString, [...events, ...events.slice(1_900), ...events.slice(0, 100)]);
    const consumer = await start();
    await eventually(() => consumer.server.running, { timeoutMs: 10_000 });
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    expect(await count('*')).toBe(2_000);
    expect(await count('DISTINCT event_id')).toBe(2_000);
    const { rows } = await sql.query(
      `SELECT subject FROM (SELECT subject, version, lag(version) OVER (PARTITION BY subject ORDER BY n) AS before FROM effect) e
        WHERE version <= before`,
    );
    expect(rows).toEqual([]);
  });
});
