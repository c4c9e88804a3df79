import { type INestApplication, Module, StandardSchemaValidationPipe, type Type } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { DatabaseModule } from '@app/database';
import { ReadinessRegistry, ServiceToken } from '@app/service-defaults';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  consumerMigrations,
  ConsumerEvents,
  ConsumerModule,
  type ConsumerOptions,
  ConsumerServer,
  ConsumerWaits,
  EffectsService,
  GroupRegistration,
  KeySource,
} from '../src/index.js';
import type { KeyRing } from './sealed-events.js';

/** Where handlers of the specs write; without a key, so that an effect that happens twice shows. */
export class EffectTable1700000000999 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE effect (n bigint GENERATED ALWAYS AS IDENTITY, event_id uuid, subject uuid, version int, worker text)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE effect');
  }
}

export interface ConsumerUnderTest {
  app: INestApplication;
  server: ConsumerServer;
  events: ConsumerEvents;
  waits: ConsumerWaits;
  effects: EffectsService;
  url: string;
  close(): Promise<void>;
}

export interface StartOptions extends Partial<ConsumerOptions> {
  databaseUrl: string;
  connectionString: string;
  eventHubName: string;
  keys: Pick<KeyRing, 'fetch'>;
  controllers: Type[];
  /** Of DatabaseModule. */
  connection?: Record<string, unknown>;
}

/** A whole consumer in this process: real database, real engine, the specs' handlers and keys. */
export async function startConsumer(options: StartOptions): Promise<ConsumerUnderTest> {
  const {
    databaseUrl,
    connectionString,
    eventHubName,
    keys,
    controllers,
    connection = {},
    ...consumer
  } = options;
  process.env['DATABASE_URL'] = databaseUrl;
  process.env['EVENTHUBS_CONNECTION_STRING'] = connectionString;
  process.env['EVENTHUB_NAME'] = eventHubName;

  @Module({
    providers: [
      ReadinessRegistry,
      { provide: ServiceToken, useValue: Object.assign(new ServiceToken({}), { get: async () => 'token' }) },
    ],
  })
  class Defaults {}

  const module = await Test.createTestingModule({
    imports: [
      { module: Defaults, global: true, exports: [ReadinessRegistry, ServiceToken] },
      DatabaseModule.forRoot({ migrations: [...consumerMigrations, EffectTable1700000000999], connection }),
      ConsumerModule.forRoot({ consumerGroup: 'search-indexer', lookIntervalMs: 250, ...consumer }),
    ],
    controllers,
  })
    .overrideProvider(KeySource)
    .useValue(keys)
    .overrideProvider(GroupRegistration)
    .useValue({ whenRegistered: async () => undefined })
    .compile();

  const app = module.createNestApplication(new FastifyAdapter(), { logger: ['fatal'] });
  app.useGlobalPipes(new StandardSchemaValidationPipe());
  app.connectMicroservice({ strategy: app.get(ConsumerServer) });
  try {
    await app.listen(0, '127.0.0.1');
    await app.startAllMicroservices();
  } catch (error) {
    await app.close();
    throw error;
  }
  return {
    app,
    server: app.get(ConsumerServer),
    events: app.get(ConsumerEvents),
    waits: app.get(ConsumerWaits),
    effects: app.get(EffectsService),
    url: await app.getUrl(),
    close: () => app.close(),
  };
}
