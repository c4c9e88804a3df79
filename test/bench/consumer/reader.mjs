// Reads the hub once, from its first event to its last, and says how long and how much of the processor that took: `bare` with the client library alone,
// `type` and `filter` with a consumer that wants none of them.
import { Controller, Module } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { EventHubConsumerClient, earliestEventPosition } from '@azure/event-hubs';
import {
  ConsumerEvents,
  ConsumerModule,
  consumerMigrations,
  ConsumerServer,
  EventFilter,
} from '@app/consumer';
import { DatabaseModule } from '@app/database';
import { ReadinessRegistry, ServiceToken } from '@app/service-defaults';

const GROUP = 'one';
const { EVENTHUBS_CONNECTION_STRING, EVENTHUB_NAME, EVENTS } = process.env;
const events = Number(EVENTS);
let [begun, done] = [0, 0];
let cpu;

/** Counts what is done with, and ends the process with the last. */
function count(some) {
  begun ||= performance.now();
  cpu ??= process.cpuUsage();
  done += some;
  if (done < events) return;
  const { user, system } = process.cpuUsage(cpu);
  process.send({
    events: done,
    seconds: (performance.now() - begun) / 1000,
    cpuMicros: (user + system) / done,
  });
}

/** The settings are the runtime's. */
function bare() {
  const client = new EventHubConsumerClient(GROUP, EVENTHUBS_CONNECTION_STRING, EVENTHUB_NAME);
  const processError = async (error) => {
    throw error;
  };
  client.subscribe(
    { processEvents: async (batch) => count(batch.length), processError },
    {
      maxBatchSize: 500,
      prefetchCount: 1_500,
      maxWaitTimeInSeconds: 1,
      startPosition: earliestEventPosition,
      trackLastEnqueuedEventProperties: true,
      skipParsingBodyAsJson: true,
    },
  );
}

async function consumer(type, filters) {
  class Handler {
    handle() {
      throw new Error('nothing was wanted');
    }
  }
  const method = Object.getOwnPropertyDescriptor(Handler.prototype, 'handle');
  EventPattern(type)(Handler.prototype, 'handle', method);
  if (filters) EventFilter(filters)(Handler.prototype, 'handle', method);
  Controller()(Handler);

  class Defaults {}
  const providers = [ReadinessRegistry, { provide: ServiceToken, useValue: { get: async () => '' } }];
  Module({ providers, exports: [ReadinessRegistry, ServiceToken] })(Defaults);
  class Root {}
  Module({
    imports: [
      { module: Defaults, global: true },
      DatabaseModule.forRoot({ migrations: consumerMigrations }),
      ConsumerModule.forRoot({ consumerGroup: GROUP }),
    ],
    controllers: [Handler],
  })(Root);
  const app = await NestFactory.create(Root, new FastifyAdapter(), { logger: ['fatal'] });
  app.connectMicroservice({ strategy: app.get(ConsumerServer) });
  app.get(ConsumerEvents).on('batchSkipped', ({ ignored }) => count(ignored.length));
  await app.startAllMicroservices();
}

const sides = {
  bare,
  type: () => consumer('ConsentChanged'),
  filter: () =>
    consumer('AddressChanged', [{ operatorType: 'StringBeginsWith', key: 'subject', values: ['x'] }]),
};
process.on('disconnect', () => process.exit());
await sides[process.argv[2]]();
