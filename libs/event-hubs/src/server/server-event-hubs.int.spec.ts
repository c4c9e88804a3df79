import { Controller, type INestMicroservice } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { type EventType, partitionForKey, toApplicationProperties } from '@app/contracts';
import { openDatabase } from '@app/database';
import { type StartedBroker, startBroker, type TestDatabase, testDatabase } from '@app/testing';
import { lastValueFrom, of, delay, tap } from 'rxjs';
import {
  ClientEventHubs,
  EventHubsContext,
  EventHubsRecord,
  EventHubsSender,
  PartitionReplay1700000000110,
  PartitionTables1700000000100,
  PostgresCheckpointStore,
  ServerEventHubs,
} from '../index.js';

interface Seen {
  data: unknown;
  partition: string;
  group: string;
  streamEnded: boolean;
}

describe('Event Hubs as a Nest transport, on the real engine', () => {
  let broker: StartedBroker;
  let database: TestDatabase;
  let seen: Seen[];
  let arrived: () => void;

  @Controller()
  class Handler {
    @EventPattern<EventType>('AddressChanged')
    handle(@Payload() data: unknown, @Ctx() context: EventHubsContext) {
      const entry = {
        data,
        partition: context.getPartitionId(),
        group: context.getConsumerGroup(),
        streamEnded: false,
      };
      return of(undefined).pipe(
        delay(20),
        tap(() => {
          seen.push({ ...entry, streamEnded: true });
          arrived();
        }),
      );
    }
  }

  const settings = () => ({ connectionString: broker.connectionString, eventHubName: 'customer-events' });
  const serve = async (): Promise<INestMicroservice> => {
    const module = await Test.createTestingModule({ controllers: [Handler] }).compile();
    const app = module.createNestMicroservice({
      logger: ['fatal'],
      strategy: new ServerEventHubs({
        settings: settings(),
        consumerGroup: 'console',
        store: new PostgresCheckpointStore(database.url),
        lookIntervalMs: 250,
      }),
    });
    await app.listen();
    return app;
  };
  const handled = (count: number) =>
    new Promise<void>((resolve) => {
      arrived = () => seen.length >= count && resolve();
      arrived();
    });

  beforeAll(async () => {
    [broker, database] = await Promise.all([startBroker(), testDatabase()]);
    await (
      await openDatabase(database.url, {
        migrations: [PartitionTables1700000000100, PartitionReplay1700000000110],
      })
    ).destroy();
  });
  afterAll(async () => {
    await broker.stop();
    await database.drop();
  });

  it('hands events to the handlers of their type, awaits their streams, passes over what is no JSON, and goes on after a restart', async () => {
    seen = [];
    const client = new ClientEventHubs(settings());
    const emit = (type: string, n: number) =>
      lastValueFrom(client.emit(type, new EventHubsRecord({ n }, { source: '/spec', subject: 'alphabet' })), {
        defaultValue: undefined,
      });
    const sendText = async (body: string) => {
      const sender = new EventHubsSender(settings());
      const applicationProperties = toApplicationProperties({
        id: '1',
        type: 'AddressChanged',
        source: '/spec',
      });
      await sender.send(String(partitionForKey('alphabet', 4)), [{ id: '1', applicationProperties, body }]);
      await sender.close();
    };
    await emit('AddressChanged', 1);
    await emit('ConsentChanged', 2);
    await sendText('Ada Lovelace');
    await emit('AddressChanged', 3);
    const first = await serve();
    await handled(2);
    await first.close();
    await emit('AddressChanged', 4);
    const second = await serve();
    await handled(3);
    await second.close();
    await client.close();
    expect(seen.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 3 }, { n: 4 }]);
    expect(new Set(seen.map(({ partition }) => partition)).size).toBe(1);
    expect(seen.every(({ group, streamEnded }) => group === 'console' && streamEnded)).toBe(true);
  });
});
