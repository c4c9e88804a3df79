import Long from 'long';
import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import { BrokerHarness, moveClock, type Running } from '../../harness.js';

const MINUTE_MS = 60_000;

/** The unmodified `@azure/service-bus` client, and a clock that the specs move. */
describe('a Service Bus client settles', () => {
  let harness: BrokerHarness;
  let broker: Running;
  let client: ServiceBusClient;
  let receiver: ServiceBusReceiver;
  let deadLetters: ServiceBusReceiver;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start([], { CLOCK: 'virtual' });
    client = harness.serviceBus(broker);
    receiver = client.createReceiver('settled');
    deadLetters = client.createReceiver('settled', { subQueueType: 'deadLetter' });
  });
  afterAll(() => harness.close());

  const send = (body: unknown, more = {}) => client.createSender('settled').sendMessages({ body, ...more });
  const receive = async (from = receiver): Promise<ServiceBusReceivedMessage> => {
    const [message] = await from.receiveMessages(1);
    if (message === undefined) throw new Error('nothing was received');
    return message;
  };
  const isEmpty = async (from = receiver) =>
    expect(await from.peekMessages(1, { fromSequenceNumber: Long.ONE })).toEqual([]);

  it('by abandoning: it comes again, counted, with what was changed', async () => {
    await send('again', { applicationProperties: { kept: 1, tries: 0 } });
    await receiver.abandonMessage(await receive(), { tries: 1, why: 'busy' });
    const message = await receive();
    expect(message).toMatchObject({
      body: 'again',
      deliveryCount: 1,
      applicationProperties: { kept: 1, tries: 1, why: 'busy' },
    });
    await receiver.completeMessage(message);
    await isEmpty();
  });

  it('by dead-lettering, with a reason, and takes the dead letter from its queue', async () => {
    await send({ a: 1 }, { messageId: 'poison', applicationProperties: { kept: true } });
    await receiver.deadLetterMessage(await receive(), {
      deadLetterReason: 'unreadable',
      deadLetterErrorDescription: 'line 1',
    });
    await isEmpty();
    const letter = await receive(deadLetters);
    expect(letter).toMatchObject({
      body: { a: 1 },
      messageId: 'poison',
      deadLetterReason: 'unreadable',
      deadLetterErrorDescription: 'line 1',
      deadLetterSource: 'settled',
      applicationProperties: { kept: true },
    });
    await deadLetters.completeMessage(letter);
    await isEmpty(deadLetters);
  });

  it('by deferring, and receives what it deferred by its number', async () => {
    await send('later');
    const first = await receive();
    await receiver.deferMessage(first, { waits: true });
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 50 })).toEqual([]);
    const [browsed] = await receiver.peekMessages(1, { fromSequenceNumber: Long.ONE });
    expect(browsed).toMatchObject({ body: 'later', state: 'deferred' });
    const [deferred] = await receiver.receiveDeferredMessages(first.sequenceNumber!);
    expect(deferred).toMatchObject({ body: 'later', applicationProperties: { waits: true } });
    await receiver.completeMessage(deferred!);
    await isEmpty();
    await expect(receiver.receiveDeferredMessages(first.sequenceNumber!)).rejects.toMatchObject({
      code: 'MessageNotFound',
    });
  });

  it('nothing after the lock has expired: it comes again, counted', async () => {
    await send('slow');
    const late = await receive();
    await moveClock(broker, MINUTE_MS);
    await expect(receiver.completeMessage(late)).rejects.toMatchObject({ code: 'MessageLockLost' });
    const again = await receive();
    expect(again).toMatchObject({ body: 'slow', deliveryCount: 1 });
    await receiver.completeMessage(again);
    await expect(receiver.completeMessage(again)).rejects.toBeInstanceOf(Error);
    await isEmpty();
  });

  it('what it has renewed', async () => {
    await send('long');
    const message = await receive();
    const before = message.lockedUntilUtc!.getTime();
    await moveClock(broker, 20_000);
    const until = await receiver.renewMessageLock(message);
    expect(until.getTime()).toBeGreaterThanOrEqual(before + 20_000);
    await moveClock(broker, 20_000);
    await receiver.completeMessage(message);
    await isEmpty();
  });

  it('no more than MaxDeliveryCount times: then it is a dead letter', async () => {
    await send('poison');
    await receiver.abandonMessage(await receive());
    const second = await receive();
    expect(second.deliveryCount).toBe(1);
    await moveClock(broker, MINUTE_MS); // an expired lock counts too
    const third = await receive();
    expect(third.deliveryCount).toBe(2);
    await receiver.abandonMessage(third);
    const letter = await receive(deadLetters);
    expect(letter).toMatchObject({ body: 'poison', deadLetterReason: 'MaxDeliveryCountExceeded' });
    await deadLetters.completeMessage(letter);
    await isEmpty();
  });

  it('a dead letter again, however often: there it stays', async () => {
    await send('kept');
    await receiver.deadLetterMessage(await receive());
    for (let i = 0; i < 5; i++) await deadLetters.abandonMessage(await receive(deadLetters));
    await deadLetters.completeMessage(await receive(deadLetters));
  });

  it('nothing in receive-and-delete: it is gone', async () => {
    await send('once');
    const taker = client.createReceiver('settled', { receiveMode: 'receiveAndDelete' });
    expect(await taker.receiveMessages(1)).toMatchObject([{ body: 'once' }]);
    await isEmpty();
  });
});
