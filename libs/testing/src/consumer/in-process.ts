import {
  type DynamicModule,
  Module,
  type Provider,
  StandardSchemaValidationPipe,
  type Type,
} from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { ConsumerEvents, ConsumerServer, ConsumerWaits, GroupRegistration, KeySource } from '@app/consumer';
import { PostgresCheckpointStore } from '@app/event-hubs';
import { ReadinessRegistry, ServiceToken } from '@app/service-defaults';
import { DataSource } from 'typeorm';
import type { KeyRing } from './key-ring.js';

export interface InProcessConsumer {
  processor: ConsumerServer['processor'];
  store: PostgresCheckpointStore;
  database: DataSource;
  events: ConsumerEvents;
  waits: ConsumerWaits;
  get<T>(token: Type<T>): T;
  close(): Promise<void>;
}

export interface InProcessOptions {
  databaseUrl: string;
  module: Type | DynamicModule;
  keys: Pick<KeyRing, 'fetch'>;
  /** Of an engine that is read from; without it nothing is, and the test hands over the batches. */
  connectionString?: string;
  /** Replaces more providers. */
  adapt?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
}

const nowhere =
  'Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=none;SharedAccessKey=none;UseDevelopmentEmulator=true;';

/**
 * A consumer with its real handlers, runtime and database, and no engine unless told of one: the test hands over the
 * batches itself, as the transport would.
 */
export async function startInProcess(options: InProcessOptions): Promise<InProcessConsumer> {
  process.env['DATABASE_URL'] = options.databaseUrl;
  process.env['EVENTHUBS_CONNECTION_STRING'] = options.connectionString ?? nowhere;
  const providers: Provider[] = [
    ReadinessRegistry,
    { provide: ServiceToken, useValue: { get: async () => 'token' } },
  ];
  @Module({ providers })
  class Defaults {}

  const defaults = { module: Defaults, global: true, exports: [ReadinessRegistry, ServiceToken] };
  const builder = Test.createTestingModule({ imports: [defaults, options.module] })
    .overrideProvider(KeySource)
    .useValue(options.keys)
    .overrideProvider(GroupRegistration)
    .useValue({ whenRegistered: async () => undefined });
  const module = await (options.adapt?.(builder) ?? builder).compile();
  const app = module.createNestApplication(new FastifyAdapter(), { logger: ['fatal'] });
  app.useGlobalPipes(new StandardSchemaValidationPipe());
  const server = app.get(ConsumerServer);
  // Everything starts but the reading.
  if (options.connectionString === undefined) server.unwrap<{ start(): void }>().start = () => undefined;
  app.connectMicroservice({ strategy: server });
  await app.init();
  await app.startAllMicroservices();
  const store = new PostgresCheckpointStore(options.databaseUrl);
  return {
    processor: server.processor,
    store,
    database: app.get(DataSource),
    events: app.get(ConsumerEvents),
    waits: app.get(ConsumerWaits),
    get: (token) => app.get(token),
    close: async () => {
      await store.close();
      await app.close();
    },
  };
}
