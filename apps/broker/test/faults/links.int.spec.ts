import rhea from 'rhea';
import { BrokerHarness, type Running } from '../harness.js';
import { putToken, sasToken } from './amqp-client.js';
import {
  amqp,
  attachReceiver,
  attachSender,
  begin,
  detach,
  flow,
  header,
  open,
  RawClient,
  transfer,
} from './raw-client.js';

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

  it('are told the answers to what was asked before there was credit, as Azure’s Go client does it', async () => {
    const client = await RawClient.connect(broker.amqpPort);
    const put = rhea.message.encode(putToken(sasToken(), 'cbs-reply'));
    client.say(header, open, begin(), attachReceiver(0, '$cbs', { name: 'cbs-reply' }));
    client.say(attachSender(1, '$cbs', { name: 'asks' }), transfer(1, 0, put), transfer(1, 1, put));
    await client.hears('\x53\x15'); // both were taken
    expect(client.heard).not.toContain('Accepted');
    client.say(flow(0, 1));
    await client.hears('Accepted');
    client.say(flow(0, 1, { delivery_count: 1 }));
    await client.until(() => client.heard.split('Accepted').length === 5); // each answer says it twice
    await client.close();
  });
});
