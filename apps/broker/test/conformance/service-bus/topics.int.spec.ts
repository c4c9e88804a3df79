import type { ServiceBusClient } from '@azure/service-bus';
import { BrokerHarness, type Running } from '../../harness.js';

describe('a Service Bus client, of a topic', () => {
  let harness: BrokerHarness;
  let broker: Running;
  let client: ServiceBusClient;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start();
    client = harness.serviceBus(broker);
  });
  afterAll(() => harness.close());

  const publish = (...messages: object[]) =>
    client
      .createSender('news')
      .sendMessages(messages.map((message) => Object.assign({ body: null }, message)));
  const bodies = async (subscription: string) => {
    const receiver = client.createReceiver('news', subscription, { receiveMode: 'receiveAndDelete' });
    const messages = await receiver.receiveMessages(100, { maxWaitTimeInMs: 100 });
    await receiver.close();
    return messages.map(({ body }) => body as unknown);
  };

  it('gives each subscription what its rules want', async () => {
    await publish(
      { body: 'goal', applicationProperties: { kind: 'sport', score: 3 } },
      { body: 'draw', applicationProperties: { kind: 'sport', score: 0 } },
      { body: 'fire', subject: 'urgent', applicationProperties: { kind: 'alarm' } },
      { body: 'drill', subject: 'urgent', applicationProperties: { kind: 'exercise' } },
    );
    expect(await bodies('everything')).toEqual(['goal', 'draw', 'fire', 'drill']);
    expect(await bodies('sport')).toEqual(['goal']);
    expect(await bodies('urgent')).toEqual(['fire']);
    expect(await bodies('changing')).toEqual(['goal', 'draw', 'fire', 'drill']);
  });

  it('settles each copy by itself, with dead letters of its own', async () => {
    await publish({ body: 'copy' });
    const receiver = client.createReceiver('news', 'everything');
    const [message] = await receiver.receiveMessages(1);
    await receiver.deadLetterMessage(message!, { deadLetterReason: 'mine', deadLetterErrorDescription: '' });
    const letters = client.createReceiver('news', 'everything', {
      subQueueType: 'deadLetter',
      receiveMode: 'receiveAndDelete',
    });
    expect(await letters.receiveMessages(1)).toMatchObject([{ body: 'copy', deadLetterReason: 'mine' }]);
    expect(await bodies('changing')).toEqual(['copy']);
  });

  it('changes rules at run time, which a restart keeps', async () => {
    const rules = client.createRuleManager('news', 'changing');
    const names = async () => {
      const found = [];
      for await (const { name, filter } of rules.listRules()) found.push([name, filter]);
      return found;
    };
    expect(await names()).toEqual([['$Default', { sqlExpression: '1=1' }]]);
    await rules.createRule('big', { sqlExpression: "size > 10 OR sys.Label IN ('huge')" });
    await rules.createRule('red', { subject: 'red', applicationProperties: { shade: 'dark' } });
    await rules.deleteRule('$Default');
    await expect(rules.createRule('big', { sqlExpression: '1=1' })).rejects.toMatchObject({
      code: 'MessagingEntityAlreadyExists',
    });
    await expect(rules.createRule('wrong', { sqlExpression: 'size >' })).rejects.toThrow('is expected');
    const after = await names();
    expect(after).toMatchObject([
      ['big', { sqlExpression: "size > 10 OR sys.Label IN ('huge')" }],
      ['red', { subject: 'red', applicationProperties: { shade: 'dark' } }],
    ]);
    await publish(
      { body: 'big', applicationProperties: { size: 11 } },
      { body: 'small', applicationProperties: { size: 1 } },
      { body: 'huge', subject: 'huge' },
      { body: 'red', subject: 'red', applicationProperties: { shade: 'dark' } },
    );
    expect(await bodies('changing')).toEqual(['big', 'huge', 'red']);
    await broker.end('SIGKILL');
    await harness.closeClients();
    broker = await harness.start();
    client = harness.serviceBus(broker);
    await publish({ body: 'small again' }, { body: 'huge again', subject: 'huge' });
    expect(await bodies('changing')).toEqual(['huge again']);
  });
});
