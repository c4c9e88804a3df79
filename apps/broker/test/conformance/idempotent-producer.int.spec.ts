import {
  earliestEventPosition,
  EventHubBufferedProducerClient,
  EventHubProducerClient,
  type EventHubClientOptions,
} from '@azure/event-hubs';
import { eventually, FaultyProxy } from '@app/testing';
import { BrokerHarness, Reading, type Running } from '../harness.js';

/** What `@azure/event-hubs` knows of publishing to a partition; its buffered client uses it, nobody else may. */
interface Internal {
  _enableIdempotentRetries: boolean;
  _partitionOptions?: Record<
    string,
    { ownerLevel?: number; producerGroupId?: number; startingSequenceNumber?: number }
  >;
  getPartitionPublishingProperties?(id: string): Promise<{ producerGroupId: number; ownerLevel: number }>;
  _sendersMap?: Map<string, { getPartitionPublishingProperties(): Promise<Publishing> }>;
}
interface Publishing {
  producerGroupId: number;
  ownerLevel: number;
  lastPublishedSequenceNumber: number;
}

const retries: EventHubClientOptions = {
  retryOptions: { maxRetries: 5, retryDelayInMs: 20, maxRetryDelayInMs: 200, timeoutInMs: 1_500 },
};

describe('an idempotent producer', () => {
  let harness: BrokerHarness;
  let broker: Running;
  let proxy: FaultyProxy;
  let clients: { close(): Promise<void> }[];

  beforeEach(async () => {
    clients = [];
    harness = await BrokerHarness.create();
    broker = await harness.start();
    proxy = await FaultyProxy.to(broker.amqpPort);
  });
  afterEach(async () => {
    await Promise.allSettled(clients.map((client) => client.close()));
    await proxy.close();
    await harness.close();
  });

  const viaProxy = () =>
    broker.connectionString.replace(`localhost:${broker.amqpPort}`, `localhost:${proxy.port}`);
  const producer = (idempotent: boolean, maxRetries = 5) => {
    const retryOptions = { ...retries.retryOptions, maxRetries };
    const client = new EventHubProducerClient(viaProxy(), 'orders', { retryOptions });
    (client as unknown as Internal)._enableIdempotentRetries = idempotent;
    clients.push(client);
    return client;
  };
  const publishing = (client: EventHubProducerClient, partition = '0') =>
    (client as unknown as Required<Internal>)._sendersMap.get(partition)?.getPartitionPublishingProperties();
  const count = async () => {
    const { lastEnqueuedSequenceNumber } = await harness.producer(broker).getPartitionProperties('0');
    return lastEnqueuedSequenceNumber + 1;
  };
  const stored = async (atLeast: number) => {
    const reading = new Reading(harness.consumer(broker), '0', earliestEventPosition);
    return reading.bodies(Math.max(atLeast, await count()));
  };
  const events = (...bodies: number[]) => bodies.map((body) => ({ body }));
  /** Sends, and loses the answer: the events are in, the client does not know. */
  const sendAndLose = async (client: EventHubProducerClient, bodies: number[], then: () => Promise<void>) => {
    const before = await count();
    proxy.set({ swallowAnswers: true });
    const sent = client.sendBatch(events(...bodies), { partitionId: '0' });
    await eventually(async () => (await count()) === before + bodies.length, {
      timeoutMs: 10_000,
      intervalMs: 5,
    });
    await then();
    proxy.heal();
    await sent;
  };

  it('sends with the buffered client, and reads its own publishing state', async () => {
    const buffered = new EventHubBufferedProducerClient(viaProxy(), 'orders', {
      ...retries,
      enableIdempotentRetries: true,
      onSendEventsErrorHandler: async ({ error }) => {
        throw error;
      },
    });
    clients.push(buffered);
    await buffered.enqueueEvents(events(0, 1, 2, 3, 4), { partitionId: '0' });
    await buffered.flush();
    await buffered.enqueueEvents(events(5, 6), { partitionId: '0' });
    await buffered.flush();
    expect(await stored(7)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it.each([
    [true, [1, 2, 3, 4]],
    [false, [1, 2, 3, 2, 3, 4]], // so that the test is known to see a doubled event
  ])('whose acknowledgement is lost (idempotent: %s) has stored %j', async (idempotent, expected) => {
    const client = producer(idempotent);
    await client.sendBatch(events(1), { partitionId: '0' });
    await sendAndLose(client, [2, 3], async () => undefined);
    await client.sendBatch(events(4), { partitionId: '0' });
    expect(await stored(expected.length)).toEqual(expected);
  });

  it.each([
    [true, [1, 2, 3, 4]],
    [false, [1, 2, 3, 2, 3, 4]],
  ])(
    'whose engine is killed between write and acknowledgement (idempotent: %s) has stored %j',
    async (idempotent, expected) => {
      const client = producer(idempotent);
      await client.sendBatch(events(1), { partitionId: '0' });
      await sendAndLose(client, [2, 3], async () => {
        await broker.end('SIGKILL');
        broker = await harness.start();
        proxy.targetPort = broker.amqpPort;
      });
      await client.sendBatch(events(4), { partitionId: '0' });
      expect(await stored(expected.length)).toEqual(expected);
    },
  );

  it('goes on over a clean stop, from the file that it left', async () => {
    const client = producer(true);
    await client.sendBatch(events(1, 2), { partitionId: '0' });
    const before = await publishing(client);
    await broker.end('SIGTERM');
    broker = await harness.start();
    proxy.targetPort = broker.amqpPort;
    await client.sendBatch(events(3), { partitionId: '0' });
    expect(await publishing(client)).toMatchObject({ producerGroupId: before?.producerGroupId });
    expect(await stored(3)).toEqual([1, 2, 3]);
  });

  it('is refused: a gap, an older epoch, a producer that was taken over', async () => {
    const client = producer(true, 0);
    await client.sendBatch(events(1), { partitionId: '0' });
    const { producerGroupId } = (await publishing(client)) as Publishing;
    const as = (options: { ownerLevel: number; startingSequenceNumber?: number }) => {
      const other = producer(true, 0);
      (other as unknown as Internal)._partitionOptions = { 0: { producerGroupId, ...options } };
      return other;
    };
    await as({ ownerLevel: 3, startingSequenceNumber: 10 }).sendBatch(events(2), { partitionId: '0' });
    // At attach the client passes the description on, not the condition.
    const elsewhere = `Producer ${producerGroupId} is open elsewhere with epoch 3.`;
    await expect(client.sendBatch(events(3), { partitionId: '0' })).rejects.toThrow(elsewhere);
    await expect(as({ ownerLevel: 1 }).sendBatch(events(4), { partitionId: '0' })).rejects.toThrow(elsewhere);
    await expect(
      as({ ownerLevel: 3, startingSequenceNumber: 20 }).sendBatch(events(5), { partitionId: '0' }),
    ).rejects.toMatchObject({ code: 'SequenceOutOfOrderError' });
    await as({ ownerLevel: 3 }).sendBatch(events(6), { partitionId: '0' });
    expect(await stored(3)).toEqual([1, 2, 6]);
  });

  it('sends to one partition, not to a hub', async () => {
    await expect(producer(true, 0).sendBatch(events(1))).rejects.toThrow(/partition/);
  });
});
