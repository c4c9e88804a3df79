import { BrokerHarness, type Running } from '../harness.js';
import { AmqpClient, sasToken } from './amqp-client.js';
import { attachReceiver, begin, header, open, RawClient } from './raw-client.js';

/** What a token, or its owner, tries; the unmodified client's cases stand in src/authorisation.int.spec.ts. */
describe('a token', () => {
  let harness: BrokerHarness;
  let broker: Running;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start();
  });
  afterAll(() => harness.close());

  it('that expires ends the link that sends, and nothing is taken after that', async () => {
    const expires = Math.ceil(Date.now() / 1000) + 2;
    const client = await AmqpClient.connect(broker.amqpPort, sasToken('SAS_KEY_VALUE', expires));
    const sender = await client.sender('orders/Partitions/1');
    const closed = sender.closed;
    let accepted = 0;
    const sendOn = async () => {
      while ((await sender.send('x')) === 'accepted') accepted++;
    };
    // Enough at once that some are on their way to the disk when it expires: they are answered too.
    await Promise.all(Array.from({ length: 50 }, sendOn));
    expect(Date.now()).toBeGreaterThanOrEqual(expires * 1000);
    expect(await closed).toBe('amqp:unauthorized-access');
    expect(accepted).toBeGreaterThan(0);
    await client.close();
    const other = await AmqpClient.connect(broker.amqpPort);
    expect((await other.readAll('orders', '1')).length).toBe(accepted);
    await other.close();
  });

  it('that is missing opens no reader', async () => {
    const client = await RawClient.connect(broker.amqpPort);
    client.say(header, open, begin(), attachReceiver(0, 'orders/ConsumerGroups/$Default/Partitions/0'));
    await client.hears("'Listen' claim required");
    await client.close();
  });

  it.each([
    ['NaN', NaN],
    ['in the past', 1_000_000_000],
    ['negative', -1],
    ['beyond all time', 1e30],
    ['a fraction', 4_000_000_000.5],
  ])('whose expiry is %s is refused', async (_name, expires) => {
    const connected = AmqpClient.connect(broker.amqpPort, sasToken('SAS_KEY_VALUE', expires));
    await expect(connected).rejects.toThrow(/the token was refused: 401/);
  });

  it('gives nobody a say about where an event stands', async () => {
    const client = await AmqpClient.connect(broker.amqpPort);
    const sender = await client.sender('orders/Partitions/2');
    const claims = { 'x-opt-offset': '4711', 'x-opt-sequence-number': 99, 'x-opt-enqueued-time': 1 };
    await sender.send('claims', { message_annotations: claims });
    expect(await client.readAll('orders', '2')).toEqual([{ offset: 0, sequenceNumber: 0, token: 'claims' }]);
    await client.close();
  });

  it('buys no message beyond the limit, and the link stays', async () => {
    const client = await AmqpClient.connect(broker.amqpPort);
    const sender = await client.sender('orders/Partitions/3');
    expect(await sender.send('x'.repeat(1_048_577))).toEqual({ refused: 'amqp:link:message-size-exceeded' });
    expect(await sender.send('small')).toBe('accepted');
    await client.close();
  });

  it('never comes into the log', () => {
    expect(broker.output.join('')).not.toMatch(/SharedAccessSignature|sig=|SAS_KEY_VALUE/);
  });
});
