import { BrokerHarness, type Running } from '../harness.js';
import { amqp, attachSender, begin, detach, header, open, RawClient } from './raw-client.js';

/** What a client may do with links, however quickly. */
describe('links', () => {
  let harness: BrokerHarness;
  let broker: Running;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start();
  });
  afterAll(() => harness.close());

  it('give their handle back when they are detached', async () => {
    const client = await RawClient.connect(broker.amqpPort);
    const again = Array.from({ length: 50 }, (_, i) => [
      attachSender(0, '$cbs', { name: `l${i}` }),
      detach(0),
    ]);
    client.say(header, open, begin(), ...again.flat(), attachSender(0, '$cbs', { name: 'last' }));
    await client.hears('last');
    client.say(amqp('close', {}));
    await client.until(() => client.socket.destroyed);
    expect(client.heard).not.toContain('amqp:not-allowed');
  });
});
