import type { CustomerEvent } from '@app/contracts';
import type { StartedBroker, TestDatabase } from '@app/testing';
import type { StatementRunner } from '@app/event-hubs';
import type { Type } from '@nestjs/common';
import { Client } from 'pg';
import { listSetAside } from '../src/set-aside/sql/list-set-aside.js';
import { type ConsumerUnderTest, startConsumer, type StartOptions } from './consumer-under-test.js';
import { KeyRing, send } from './sealed-events.js';

export interface Effect {
  event_id: string;
  subject: string;
  version: number | null;
  worker: string | null;
}

/** Hubs for as many cases as a spec has: each case has a stream and a database to itself. */
export function hubs(count: number, partitions = 4): object {
  const Entities = Array.from({ length: count }, (_, n) => ({
    Name: `hub-${n}`,
    PartitionCount: partitions,
    ConsumerGroups: [{ Name: 'search-indexer' }, { Name: 'audit' }],
  }));
  return {
    UserConfig: {
      NamespaceConfig: [{ Type: 'EventHub', Name: 'test', Entities }],
      LoggingConfig: { Type: 'Console' },
    },
  };
}

/** One case: a hub, a database, keys, and the consumers it starts. */
export class Stage {
  readonly keys = new KeyRing();
  private readonly consumers: ConsumerUnderTest[] = [];
  private constructor(
    readonly broker: StartedBroker,
    readonly hub: string,
    readonly database: TestDatabase,
    readonly sql: Client,
  ) {}

  static async open(broker: StartedBroker, hub: string, database: TestDatabase): Promise<Stage> {
    const sql = new Client({ connectionString: database.url, application_name: 'the spec' });
    await sql.connect();
    return new Stage(broker, hub, database, sql);
  }

  async start(controllers: Type[], options: Partial<StartOptions> = {}): Promise<ConsumerUnderTest> {
    const consumer = await startConsumer({
      databaseUrl: this.database.url,
      connectionString: this.broker.connectionString,
      eventHubName: this.hub,
      keys: this.keys,
      controllers,
      ...options,
    });
    this.consumers.push(consumer);
    return consumer;
  }

  send(...events: CustomerEvent<unknown>[]): Promise<void> {
    return send({ connectionString: this.broker.connectionString, eventHubName: this.hub }, events);
  }

  async effects(): Promise<Effect[]> {
    const { rows } = await this.sql.query<Effect>(
      'SELECT event_id, subject, version, worker FROM effect ORDER BY n',
    );
    return rows;
  }

  /** Failed events by customer: id, state, how many wait behind. */
  async setAside(): Promise<[eventId: string, state: string, behind: number][]> {
    const rows = await listSetAside(this.statements(), {}, { after: undefined, limit: 200 });
    return rows.map(({ eventId, state, waitingBehind }) => [eventId, state, waitingBehind]);
  }

  statements(): StatementRunner {
    return { query: async (sql, parameters) => (await this.sql.query(sql, parameters)).rows };
  }

  /** Effects of a customer that came before one of an earlier version. */
  async reordered(): Promise<number> {
    const { rows } = await this.sql.query<{ n: number }>(
      `SELECT count(*)::int AS n
         FROM (SELECT version, lag(version) OVER (PARTITION BY subject ORDER BY n) AS before FROM effect) e
        WHERE version <= before`,
    );
    return rows[0]?.n ?? 0;
  }

  async close(): Promise<void> {
    for (const consumer of this.consumers) await consumer.close();
    await this.sql.end();
    await this.database.drop();
  }
}
