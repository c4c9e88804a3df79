import type { ServiceBusClient, ServiceBusSessionReceiver } from '@azure/service-bus';
import { BrokerHarness, moveClock, type Running } from '../../harness.js';

describe('a Service Bus client, of a queue with sessions', () => {
  let harness: BrokerHarness;
  let broker: Running;
  let client: ServiceBusClient;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start([], { CLOCK: 'virtual' });
    client = harness.serviceBus(broker);
  });
  afterAll(() => harness.close());

  const send = (sessionId: string, ...bodies: unknown[]) =>
    client.createSender('sessions').sendMessages(bodies.map((body) => ({ body, sessionId })));
  const take = async (receiver: ServiceBusSessionReceiver, count: number) => {
    const messages = await receiver.receiveMessages(count, { maxWaitTimeInMs: 200 });
    for (const message of messages) await receiver.completeMessage(message);
    return messages.map(({ body }) => body as unknown);
  };

  it('receives one session in order, and it alone', async () => {
    await send('a', 1, 2);
    await send('b', 'x');
    await send('a', 3);
    const a = await client.acceptSession('sessions', 'a');
    expect(a.sessionId).toBe('a');
    expect(a.sessionLockedUntilUtc.getTime()).toBeGreaterThan(Date.now() + 50_000);
    await expect(client.acceptSession('sessions', 'a')).rejects.toMatchObject({
      code: 'SessionCannotBeLocked',
    });
    expect(await take(a, 10)).toEqual([1, 2, 3]);
    const next = await client.acceptNextSession('sessions');
    expect(next.sessionId).toBe('b');
    expect(await take(next, 10)).toEqual(['x']);
    await Promise.all([a.close(), next.close()]);
  });

  it('gives what was not settled to the next holder, in order, not counted', async () => {
    await send('c', 1, 2);
    const first = await client.acceptSession('sessions', 'c');
    await first.receiveMessages(1);
    await first.close();
    const second = await client.acceptSession('sessions', 'c');
    const messages = await second.receiveMessages(2);
    expect(messages.map(({ body, deliveryCount }) => [body as unknown, deliveryCount])).toEqual([
      [1, 0],
      [2, 0],
    ]);
    for (const message of messages) await second.completeMessage(message);
    await second.close();
  });

  it('waits for a session, and is told when none comes', async () => {
    const options = { maxAutoLockRenewalDurationInMs: 0 };
    const waiting = client.acceptNextSession('sessions', options);
    await send('d', 'at last');
    const session = await waiting;
    expect(await take(session, 1)).toEqual(['at last']);
    await session.close();
    await expect(client.acceptNextSession('sessions')).rejects.toMatchObject({ code: 'ServiceTimeout' });
  });

  it('keeps a state, over a crash', async () => {
    await send('e', 'here');
    const session = await client.acceptSession('sessions', 'e');
    expect(await session.getSessionState()).toBeNull();
    await session.setSessionState({ step: 2 });
    expect(await session.getSessionState()).toEqual({ step: 2 });
    await broker.end('SIGKILL');
    await harness.closeClients();
    broker = await harness.start([], { CLOCK: 'virtual' });
    client = harness.serviceBus(broker);
    const again = await client.acceptSession('sessions', 'e');
    expect(await again.getSessionState()).toEqual({ step: 2 });
    expect(await take(again, 1)).toEqual(['here']);
    await again.setSessionState(null);
    await again.close();
  });

  it('loses a session whose lock expires, renews it before', async () => {
    await send('f', 'work');
    const options = { maxAutoLockRenewalDurationInMs: 0 };
    const session = await client.acceptSession('sessions', 'f', options);
    const [message] = await session.receiveMessages(1);
    await moveClock(broker, 40_000);
    await session.renewSessionLock();
    await moveClock(broker, 40_000);
    await session.setSessionState('still mine');
    // The library hears that the link is gone while it waits; a settlement that crosses that news it never answers.
    const told = Promise.allSettled([session.receiveMessages(1)]);
    await moveClock(broker, 60_000);
    await told;
    await expect(session.completeMessage(message!)).rejects.toBeInstanceOf(Error);
    const next = await client.acceptSession('sessions', 'f', options);
    const [again] = await next.receiveMessages(1);
    expect(again).toMatchObject({ body: 'work', deliveryCount: 1 });
    await next.completeMessage(again!);
    await next.close();
  });

  it('is refused a message without a session, and a receiver without one', async () => {
    await expect(client.createSender('sessions').sendMessages({ body: 1 })).rejects.toThrow(
      'SessionId was not set',
    );
    await expect(client.createReceiver('sessions').receiveMessages(1)).rejects.toThrow('requires sessions');
  });
});
