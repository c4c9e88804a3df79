import { once } from 'node:events';
import rhea, { type EventContext, type Message } from 'rhea';
import { BrokerHarness, type Running } from '../harness.js';
import { RawClient } from './raw-client.js';

/** `$cbs` and `$management`, asked what no client of Azure's asks. */
describe('a request', () => {
  let harness: BrokerHarness;
  let broker: Running;
  let client: RawClient;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start();
    client = await (await RawClient.connect(broker.amqpPort)).authenticate();
  });
  afterAll(async () => {
    const closed = once(client.connection, 'connection_close');
    client.connection.close();
    await closed;
    await harness.close();
  });

  const statusOf = async (address: string, message: Message): Promise<unknown> =>
    (await client.request(address, message)).application_properties?.['statusCode'];

  it.each(['$cbs', '$management', 'orders/$management', 'commands/$management'])(
    'to %s that is no message is rejected, and the next one answered',
    async (address) => {
      const sender = client.connection.open_sender({ target: address });
      await once(sender, 'sendable');
      const rejected = once(sender, 'rejected') as Promise<[EventContext]>;
      sender.send(Buffer.from('no message'), undefined, 0);
      const [{ delivery }] = await rejected;
      expect(delivery?.remote_state).toMatchObject({ error: { condition: 'amqp:decode-error' } });
      sender.close();
      expect(await statusOf('$management', hubRead)).toBe(200);
    },
  );

  const hubRead = {
    application_properties: { operation: 'READ', type: 'com.microsoft:eventhub', name: 'orders' },
    body: '',
  };

  it.each([
    ['nothing', {}, 400],
    ['no type', { operation: 'READ', name: 'orders' }, 400],
    ['no partition', { operation: 'READ', name: 'orders', type: 'com.microsoft:partition' }, 400],
    ['another operation', { operation: 'toString', name: 'orders' }, 400],
    ['a hub that is not there', { operation: 'READ', type: 'com.microsoft:eventhub', name: 'gone' }, 404],
  ])('of Event Hubs that says %s is answered', async (_, application_properties, status) => {
    expect(await statusOf('$management', { application_properties, body: '' })).toBe(status);
  });

  it('about a queue that is not there is answered as Azure does it', async () => {
    const application_properties = { operation: 'com.microsoft:peek-message' };
    const { application_properties: told } = await client.request('gone/$management', {
      application_properties,
      body: '',
    });
    expect(told).toMatchObject({
      statusCode: 404,
      'error-condition': 'amqp:not-found',
      statusDescription: "The messaging entity 'gone' could not be found.",
    });
  });

  const map = (members: Record<string, unknown>) => rhea.types.wrap_map(members);
  const list = (...items: unknown[]) => rhea.types.wrap_list(items);
  it.each([
    ['nothing', undefined, map({}), 501],
    ['an inherited name', 'constructor', map({}), 501],
    ['peek without a count', 'com.microsoft:peek-message', map({ 'from-sequence-number': 1 }), 400],
    ['peek with text for a count', 'com.microsoft:peek-message', map({ 'message-count': 'all' }), 400],
    ['peek with no body', 'com.microsoft:peek-message', null, 400],
    ['peek with a body that is text', 'com.microsoft:peek-message', 'all', 400],
    [
      'fewer than no messages',
      'com.microsoft:peek-message',
      map({ 'message-count': -1, 'from-sequence-number': 1 }),
      400,
    ],
    ['renew without tokens', 'com.microsoft:renew-lock', map({}), 400],
    ['renew with what is no token', 'com.microsoft:renew-lock', map({ 'lock-tokens': list('x') }), 400],
    ['schedule nothing at all', 'com.microsoft:schedule-message', map({ messages: list(null) }), 400],
    [
      'schedule what is no message',
      'com.microsoft:schedule-message',
      map({ messages: list(map({ message: Buffer.from('x') })) }),
      400,
    ],
    ['sessions before the first', 'com.microsoft:get-message-sessions', map({ skip: -1, top: 10 }), 400],
    [
      'settle in a way of its own',
      'com.microsoft:update-disposition',
      map({ 'disposition-status': 'eaten' }),
      400,
    ],
    ['rules of a queue', 'com.microsoft:enumerate-rules', map({ top: 10 }), 400],
  ])('of Service Bus that says %s is answered', async (_, operation, body, status) => {
    const application_properties = operation === undefined ? {} : { operation };
    expect(await statusOf('commands/$management', { application_properties, body })).toBe(status);
  });

  it('for the sessions of a queue names those with messages, a page at a time', async () => {
    const bus = harness.serviceBus(broker);
    const sender = bus.createSender('sessions');
    await sender.sendMessages(['b', 'a', 'c', 'a'].map((sessionId) => ({ body: 1, sessionId })));
    await sender.close();
    const page = async (skip: number) => {
      const { body } = await client.request('sessions/$management', {
        application_properties: { operation: 'com.microsoft:get-message-sessions' },
        body: map({ skip, top: 2 }),
      });
      return body as unknown;
    };
    expect(await page(0)).toEqual({ skip: 2, 'sessions-ids': ['a', 'b'] });
    expect(await page(2)).toEqual({ skip: 3, 'sessions-ids': ['c'] });
    expect(await page(3)).toBeNull();
  });

  it('for a rule with an action is refused by name', async () => {
    const filter = map({
      'sql-filter': map({ expression: 'a = 1' }),
      'sql-rule-action': map({ expression: 'SET a = 2' }),
    });
    const { application_properties: told } = await client.request('news/Subscriptions/changing/$management', {
      application_properties: { operation: 'com.microsoft:add-rule' },
      body: map({ 'rule-name': 'acts', 'rule-description': filter }),
    });
    expect(told).toMatchObject({
      statusCode: 501,
      statusDescription: expect.stringContaining('Actions') as string,
    });
  });
});
