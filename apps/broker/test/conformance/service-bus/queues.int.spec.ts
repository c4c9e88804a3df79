import Long from 'long';
import { eventually } from '@app/testing';
import { ServiceBusError, type ServiceBusClient } from '@azure/service-bus';
import { BrokerHarness, type Running } from '../../harness.js';

/** The unmodified `@azure/service-bus` client against the engine as a process. */
describe('a Service Bus client', () => {
  let harness: BrokerHarness;
  let broker: Running;
  let client: ServiceBusClient;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start([], { CLOCK: 'virtual' });
    client = harness.serviceBus(broker);
  });
  afterAll(() => harness.close());

  const send = (queue: string, ...bodies: unknown[]) =>
    client.createSender(queue).sendMessages(bodies.map((body) => ({ body })));

  it('sends a message and receives it under a lock', async () => {
    const sent = {
      body: { hello: ['world'] },
      messageId: 'm1',
      subject: 'greeting',
      correlationId: 'c1',
      contentType: 'application/json',
      applicationProperties: { text: 'ö', number: 3.5, yes: true },
    };
    const before = Date.now();
    await client.createSender('commands').sendMessages(sent);
    const receiver = client.createReceiver('commands');
    const [message] = await receiver.receiveMessages(1);
    expect(message).toMatchObject({ ...sent, deliveryCount: 0, state: 'active' });
    expect(message?.lockToken).toMatch(/^[0-9a-f-]{36}$/);
    expect(message?.sequenceNumber?.toNumber()).toBe(1);
    expect(message?.enqueuedTimeUtc?.getTime()).toBeGreaterThanOrEqual(before);
    const lockedFor = (message?.lockedUntilUtc?.getTime() ?? 0) - (message?.enqueuedTimeUtc?.getTime() ?? 0);
    expect(lockedFor).toBeGreaterThanOrEqual(60_000);
    expect(lockedFor).toBeLessThanOrEqual(60_000 + Date.now() - before);
    await receiver.completeMessage(message!);
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 100 })).toEqual([]);
  });

  it('sends a batch, whole and in order, and gives an id to who has none', async () => {
    const sender = client.createSender('commands');
    const batch = await sender.createMessageBatch();
    expect(batch.maxSizeInBytes).toBe(262_144);
    for (let i = 0; i < 50; i++) expect(batch.tryAddMessage({ body: i })).toBe(true);
    await sender.sendMessages(batch);
    const receiver = client.createReceiver('commands');
    const messages = await receiver.receiveMessages(50);
    expect(messages.map(({ body }) => body as unknown)).toEqual([...Array(50).keys()]);
    expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(50);
    await Promise.all(messages.map((message) => receiver.completeMessage(message)));
    expect(await receiver.peekMessages(1, { fromSequenceNumber: Long.ONE })).toEqual([]);
  });

  it('deals with a subscription of its own kind, many at once', async () => {
    await send('commands', ...Array(30).keys());
    const receiver = client.createReceiver('commands');
    const seen: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      receiver.subscribe(
        {
          processMessage: async ({ body }) => {
            seen.push(body);
            if (seen.length === 30) resolve();
          },
          processError: async ({ error }) => reject(error),
        },
        { maxConcurrentCalls: 10 },
      );
    });
    // Each is settled after its handler.
    const peeker = client.createReceiver('commands');
    await eventually(
      async () => (await peeker.peekMessages(1, { fromSequenceNumber: Long.ONE })).length === 0,
    );
    await receiver.close();
    expect([...seen].sort((a, b) => Number(a) - Number(b))).toEqual([...Array(30).keys()]);
  });

  it('is told that a queue is not there', async () => {
    const refused = client.createSender('nowhere').sendMessages({ body: 1 });
    await expect(refused).rejects.toMatchObject({ code: 'MessagingEntityNotFound' });
    await expect(refused).rejects.toBeInstanceOf(ServiceBusError);
  });
});
