import { Controller, type INestMicroservice } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { ReadinessRegistry } from '@app/service-defaults';
import { eventually, type StartedBroker, startBroker } from '@app/testing';
import { lastValueFrom } from 'rxjs';
import {
  ClientServiceBus,
  DeadLetterError,
  DeadLetterQueue,
  SERVICE_BUS,
  type ServiceBusReceivedMessage,
  ServerServiceBus,
  ServiceBusContext,
  ServiceBusModule,
  ServiceBusRecord,
} from '../index.js';

const queues = ['work', 'slow', 'crash', 'again', 'pairs'] as const;
const config = {
  UserConfig: {
    Namespaces: [
      {
        Name: 'spec',
        Queues: queues.map((Name) => ({
          Name,
          Properties: {
            LockDuration: Name === 'slow' ? 'PT4S' : 'PT1M',
            MaxDeliveryCount: 3,
            RequiresDuplicateDetection: true,
            DuplicateDetectionHistoryTimeWindow: 'PT10M',
          },
        })),
      },
    ],
  },
};

describe('Service Bus as a Nest transport, on the real engine', () => {
  let broker: StartedBroker;
  let seen: { n: number; deliveries: number; message: ServiceBusReceivedMessage }[];
  let handle: (n: number) => Promise<void> | void;
  let running: INestMicroservice | undefined;

  @Controller()
  class Handler {
    @MessagePattern('Count', SERVICE_BUS)
    async count(@Payload() { n }: { n: number }, @Ctx() context: ServiceBusContext): Promise<void> {
      seen.push({ n, deliveries: context.deliveryCount, message: context.getMessage() });
      await handle(n);
    }
  }

  const settings = (queue: string) => ({ connectionString: broker.connectionString, queue });
  const deadLetters = (queue: string) => new DeadLetterQueue(settings(queue));
  const numbers = () => seen.map(({ n }) => n).toSorted((a, b) => a - b);

  async function serve(queue: string): Promise<ServerServiceBus> {
    process.env['SERVICEBUS_CONNECTION_STRING'] = broker.connectionString;
    const module = await Test.createTestingModule({
      imports: [
        { module: class {}, global: true, providers: [ReadinessRegistry], exports: [ReadinessRegistry] },
        ServiceBusModule.forRoot({ queue, concurrency: 4, retryPauseMs: () => 1 }),
      ],
      controllers: [Handler],
    }).compile();
    const server = module.get(ServerServiceBus);
    running = module.createNestMicroservice({ logger: ['fatal'], strategy: server });
    await running.listen();
    await server.whenConnected();
    return server;
  }

  async function send(
    queue: string,
    ...commands: [name: string, data: unknown, messageId?: string][]
  ): Promise<void> {
    const client = new ClientServiceBus(settings(queue));
    for (const [name, data, messageId] of commands) {
      const record = new ServiceBusRecord(data, messageId === undefined ? {} : { messageId });
      await lastValueFrom(client.emit(name, record), { defaultValue: undefined });
    }
    await client.close();
  }

  beforeAll(async () => {
    broker = await startBroker({ config });
  });
  afterAll(() => broker.stop());
  beforeEach(() => {
    seen = [];
    handle = () => undefined;
  });
  afterEach(() => running?.close());

  it('does each command once, by its name; what nobody can do is a dead letter with the reason', async () => {
    handle = (n) => {
      if (n === 3) throw new DeadLetterError('smtp-550', 'refused for good');
    };
    await send(
      'work',
      ['Count', { n: 1 }, 'm1'],
      ['Count', { n: 1 }, 'm1'],
      ['Dance', {}, 'm2'],
      ['Count', { n: 3 }, 'm3'],
    );
    await serve('work');
    const dead = await eventually(async () => {
      const found = await deadLetters('work').list({ limit: 10 });
      return found.length === 2 && found;
    });
    expect(new Map(dead.map(({ messageId, reason }) => [messageId, reason]))).toEqual(
      new Map([
        ['m2', 'NoHandler'],
        ['m3', 'smtp-550'],
      ]),
    );
    expect(dead.find(({ messageId }) => messageId === 'm3')).toMatchObject({
      name: 'Count',
      description: 'refused for good',
    });
    expect(numbers()).toEqual([1, 3]);
  });

  it('gives back what fails, until its deliveries are used up; redriven, it comes as a new command', async () => {
    let failing = true;
    handle = (n) => {
      if (n > 1 && failing) throw new TypeError('bug');
    };
    await send('again', ['Count', { n: 1 }, 'a1'], ['Count', { n: 2 }, 'a2'], ['Count', { n: 3 }, 'a3']);
    await serve('again');
    await eventually(async () => (await deadLetters('again').list({ limit: 10 })).length === 2);
    expect(seen.filter(({ n }) => n === 2).map(({ deliveries }) => deliveries)).toEqual([0, 1, 2]);

    failing = false;
    const [, second] = await deadLetters('again').list({ limit: 10 });
    const one = await deadLetters('again').redrive({ sequenceNumber: second?.sequenceNumber });
    expect(one.taken).toMatchObject([{ messageId: second?.messageId, reason: 'MaxDeliveryCountExceeded' }]);
    await eventually(() => seen.at(-1)?.deliveries === 0 && seen.length === 8);
    const rest = await deadLetters('again').redrive({ reason: 'MaxDeliveryCountExceeded' });
    expect(rest.taken).toHaveLength(1);
    await eventually(() => seen.length === 9);
    expect(await deadLetters('again').list({ limit: 10 })).toEqual([]);
  }, 30_000);

  it('tells each of two neighbours its own outcome, settled in the same moment', async () => {
    let go = (): void => undefined;
    const together = new Promise<void>((resolve) => (go = resolve));
    handle = async (n) => {
      await together;
      throw new DeadLetterError(`reason-${n}`, 'of its own');
    };
    await send('pairs', ...[1, 2, 3, 4].map((n): [string, unknown, string] => ['Count', { n }, `p${n}`]));
    await serve('pairs');
    await eventually(() => seen.length === 4);
    go();
    const dead = await eventually(async () => {
      const found = await deadLetters('pairs').list({ limit: 10 });
      return found.length === 4 && found;
    });
    expect(new Map(dead.map(({ messageId, reason }) => [messageId, reason]))).toEqual(
      new Map([1, 2, 3, 4].map((n) => [`p${n}`, `reason-${n}`])),
    );
  });

  it('renews the lock of a command that takes longer than it', async () => {
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    handle = () => finished;
    await send('slow', ['Count', { n: 1 }]);
    const server = await serve('slow');
    await eventually(() => seen.length === 1);
    const lockedUntil = () => seen[0]?.message.lockedUntilUtc?.getTime() ?? 0;
    // Longer than the lock lasts: without renewal the engine would have handed it out again.
    const first = lockedUntil();
    await eventually(() => lockedUntil() > first + 4_000, { timeoutMs: 30_000 });
    const completed = new Promise((resolve) => server.events.once('completed', resolve));
    finish();
    await completed;
    expect(seen.map(({ n, deliveries }) => [n, deliveries])).toEqual([[1, 0]]);
  });

  it('goes on after the engine was killed, with nothing lost and what was done not done again', async () => {
    const half = 20;
    let go = (): void => undefined;
    const gone = new Promise<void>((resolve) => (go = resolve));
    handle = (n) => (n < half ? undefined : gone);
    await send('crash', ...Array.from({ length: 30 }, (_, n): [string, unknown] => ['Count', { n }]));
    await serve('crash');
    await eventually(() => seen.length >= half + 4);
    await broker.kill('SIGKILL');
    broker = await broker.restart();
    go();
    await eventually(() => new Set(numbers()).size === 30, { timeoutMs: 30_000 });
    await eventually(async () => (await deadLetters('crash').list({ limit: 1 })).length === 0);
    for (let n = 0; n < 30; n++) expect(numbers()).toContain(n);
  }, 60_000);
});
