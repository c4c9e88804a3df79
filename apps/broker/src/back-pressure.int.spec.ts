import { AmqpClient } from '../test/faults/amqp-client.js';
import { attachSender, RawClient, transfer } from '../test/faults/raw-client.js';
import { BrokerHarness, type Running } from '../test/harness.js';

const KiB = 1024;

/** An engine with room for one message of the largest size, for everybody together. */
describe('an engine short of memory', () => {
  let harness: BrokerHarness;
  let broker: Running;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start(['--limit', `maxReceivedBytes=${1024 * KiB}`, '--limit', 'stalledMs=200']);
  });
  afterAll(() => harness.close());

  it('takes everything from the greedy, and meanwhile from those who send little', async () => {
    const clients = await Promise.all(Array.from({ length: 5 }, () => AmqpClient.connect(broker.amqpPort)));
    const [modest, ...greedy] = await Promise.all(
      clients.map((client, i) => client.sender(`orders/Partitions/${i % 4}`)),
    );
    const large = 'x'.repeat(500 * KiB);
    const poured = Promise.all(
      greedy.flatMap((sender) => Array.from({ length: 60 }, () => sender.send(large))),
    );
    const ended = poured.then(() => 'ended');
    let meanwhile = 0;
    for (;;) {
      const sent = modest?.send('small');
      if ((await Promise.race([sent, ended])) === 'ended') break;
      expect(await sent).toBe('accepted');
      meanwhile++;
    }
    expect(new Set(await poured)).toEqual(new Set(['accepted']));
    expect(meanwhile).toBeGreaterThan(2); // starved, it would wait until the others are through
    await Promise.all(clients.map((client) => client.close()));
  });

  it('gives up clients that begin a message and fall silent, and takes whole ones', async () => {
    const silent = await Promise.all(
      Array.from({ length: 6 }, () => RawClient.authenticated(broker.amqpPort)),
    );
    for (const client of silent) {
      client.say(attachSender(2, 'orders/Partitions/0', { name: 'half' }));
      await client.hears('half');
      for (let i = 0; i < 10; i++) client.say(transfer(2, 1, Buffer.alloc(60 * KiB), { more: true }));
    }
    const client = await AmqpClient.connect(broker.amqpPort);
    const sender = await client.sender('orders/Partitions/1');
    expect(await sender.send('x'.repeat(900 * KiB))).toBe('accepted');
    // What holds more than all may hold is given up; those that fit may wait on.
    await Promise.race(silent.map((one) => one.hears('amqp:resource-limit-exceeded')));
    await client.close();
    await Promise.all(silent.map((one) => one.close()));
    expect(broker.output.join('')).not.toMatch(/ERROR/);
  });
});
