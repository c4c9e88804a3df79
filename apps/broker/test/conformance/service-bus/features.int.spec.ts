import Long from 'long';
import type { ServiceBusClient } from '@azure/service-bus';
import { BrokerHarness, moveClock, type Running } from '../../harness.js';

const HOUR_MS = 3_600_000;

describe('a Service Bus client uses', () => {
  let harness: BrokerHarness;
  let broker: Running;
  let client: ServiceBusClient;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start([], { CLOCK: 'virtual' });
    client = harness.serviceBus(broker);
  });
  afterAll(() => harness.close());

  const send = (queue: string, ...messages: object[]) =>
    client
      .createSender(queue)
      .sendMessages(messages.map((message) => Object.assign({ body: null }, message)));
  /** What is there to be received, settled at once. */
  const drain = async (queue: string, subQueueType?: 'deadLetter') => {
    const options = { receiveMode: 'receiveAndDelete' as const, ...(subQueueType && { subQueueType }) };
    const receiver = client.createReceiver(queue, options);
    const messages = await receiver.receiveMessages(100, { maxWaitTimeInMs: 100 });
    await receiver.close();
    return messages;
  };
  const bodies = async (queue: string, subQueueType?: 'deadLetter') =>
    (await drain(queue, subQueueType)).map(({ body }) => body as unknown);

  it('peek: messages in order, in pages, without a lock', async () => {
    await send('browsed', ...Array.from({ length: 5 }, (_, body) => ({ body })));
    const receiver = client.createReceiver('browsed');
    expect((await receiver.peekMessages(3)).map(({ body }) => body as unknown)).toEqual([0, 1, 2]);
    expect((await receiver.peekMessages(3)).map(({ body }) => body as unknown)).toEqual([3, 4]);
    expect(await receiver.peekMessages(3)).toEqual([]);
    const [third] = await receiver.peekMessages(1, { fromSequenceNumber: Long.fromNumber(3) });
    expect(third).toMatchObject({ body: 2, state: 'active', lockToken: undefined });
    expect(await bodies('browsed')).toEqual([0, 1, 2, 3, 4]);
  });

  it('a time to live: expired ones are dead letters where that is wanted, else gone', async () => {
    await send('short-lived', { body: 'brief', timeToLive: 1_000 }, { body: 'by default' });
    await send('vanishing', { body: 'gone' });
    await moveClock(broker, 1_000);
    const letters = await drain('short-lived', 'deadLetter');
    expect(letters).toMatchObject([{ body: 'brief', deadLetterReason: 'TTLExpiredException' }]);
    await moveClock(broker, HOUR_MS);
    expect(await bodies('short-lived')).toEqual([]);
    expect(await bodies('short-lived', 'deadLetter')).toEqual(['by default']);
    expect(await bodies('vanishing')).toEqual([]);
    expect(await bodies('vanishing', 'deadLetter')).toEqual([]);
  });

  it('schedules: not before its time, cancelled not at all', async () => {
    const sender = client.createSender('scheduled');
    const at = (ms: number) => new Date(Date.now() + ms + 2 * HOUR_MS);
    const [later, never] = await sender.scheduleMessages([{ body: 'later' }, { body: 'never' }], at(HOUR_MS));
    await sender.sendMessages({ body: 'by annotation', scheduledEnqueueTimeUtc: at(2 * HOUR_MS) });
    expect(await bodies('scheduled')).toEqual([]);
    const browsed = await client.createReceiver('scheduled').peekMessages(10);
    expect(browsed.map(({ state }) => state)).toEqual(['scheduled', 'scheduled', 'scheduled']);
    expect(browsed[0]?.sequenceNumber?.equals(later!)).toBe(true);
    await sender.cancelScheduledMessages(never!);
    await expect(sender.cancelScheduledMessages(never!)).rejects.toMatchObject({ code: 'MessageNotFound' });
    await moveClock(broker, 2.5 * HOUR_MS);
    expect(await bodies('scheduled')).toEqual(['later']);
    await moveClock(broker, HOUR_MS);
    expect(await bodies('scheduled')).toEqual(['by annotation']);
  });

  it('duplicate detection: an id is taken once within the window', async () => {
    await send('once', { body: 1, messageId: 'a' }, { body: 2, messageId: 'b' });
    await send('once', { body: 3, messageId: 'a' }, { body: 4, messageId: 'c' }, { body: 5, messageId: 'c' });
    expect(await bodies('once')).toEqual([1, 2, 4]);
    await send('once', { body: 6, messageId: 'a' });
    expect(await bodies('once')).toEqual([]);
    await moveClock(broker, 600_000);
    await send('once', { body: 7, messageId: 'a' });
    expect(await bodies('once')).toEqual([7]);
  });

  it('a bound: a full queue refuses, and takes again what was made room for', async () => {
    const body = Buffer.alloc(200 * 1024);
    for (let i = 0; i < 5; i++) await send('small', { body });
    await expect(send('small', { body })).rejects.toMatchObject({ code: 'QuotaExceeded' });
    await expect(send('small', { body: Buffer.alloc(300 * 1024) })).rejects.toMatchObject({
      code: 'MessageSizeExceeded',
    });
    expect(await bodies('small')).toHaveLength(5);
    await send('small', { body });
  });

  it('forwarding: of messages, and of dead letters', async () => {
    await send('entrance', { body: 'through' });
    expect(await bodies('entrance')).toEqual([]);
    const hall = client.createReceiver('hall');
    const [message] = await hall.receiveMessages(1);
    await hall.abandonMessage(message!);
    expect(await drain('cellar')).toMatchObject([
      { body: 'through', deadLetterReason: 'MaxDeliveryCountExceeded' },
    ]);
  });
});
