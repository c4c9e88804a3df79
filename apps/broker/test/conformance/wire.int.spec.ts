import { once } from 'node:events';
import net from 'node:net';
import rhea, { type EventContext, type Receiver } from 'rhea';
import { BrokerHarness, type Running } from '../harness.js';
import { deliveries, RawClient, sasToken, selector } from './raw-client.js';

/** Rows of azure-contracts.md that Azure's own client does not show, by AMQP without it. */
describe('on the wire', () => {
  let harness: BrokerHarness;
  let broker: Running;
  let client: RawClient;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start();
    await harness.producer(broker).sendBatch(
      [1, 2, 3].map((body) => ({ body })),
      { partitionId: '0' },
    );
    await harness.closeClients();
  });
  beforeEach(async () => {
    client = await RawClient.connect(broker.amqpPort);
  });
  afterEach(() => client.close());
  afterAll(() => harness.close());

  const section = (context: EventContext, name: string) =>
    (context.message as unknown as Record<string, Record<string, unknown>>)[name] ?? {};

  describe('§1 connection and authorisation', () => {
    it('SASL: ANONYMOUS and MSSBCBS are offered', async () => {
      const socket = net.connect(broker.amqpPort, '127.0.0.1');
      socket.write('AMQP\x03\x01\0\0', 'latin1');
      let heard = '';
      while (!heard.includes('MSSBCBS'))
        heard += ((await once(socket, 'data')) as [Buffer])[0].toString('latin1');
      expect(heard).toContain('ANONYMOUS');
      socket.destroy();
    });

    it('open: the channel-max is large, and a client with an idle-time-out hears heartbeats', async () => {
      expect(client.remoteOpen).toMatchObject({ channel_max: 4_095, idle_time_out: 60_000 });
      const quiet = await RawClient.connect(broker.amqpPort, { idle_time_out: 1_000 });
      await quiet.authenticate();
      const socket = (quiet.connection as unknown as { socket: net.Socket }).socket;
      const heartbeats: number[] = [];
      socket.on('data', (chunk: Buffer) => heartbeats.push(chunk.length));
      while (heartbeats.filter((bytes) => bytes === 8).length < 5) await once(socket, 'data');
      expect(quiet.connection.is_open()).toBe(true);
      quiet.close();
    });

    it('sessions: one a link, hundreds on one connection', async () => {
      await client.authenticate();
      const links = await Promise.all(
        Array.from({ length: 300 }, (_, i) => client.sender(`orders/Partitions/${i % 4}`)),
      );
      expect(new Set(links.map(({ session }) => session)).size).toBe(300);
    });

    it('$cbs: 202 as an int, on the link that reply_to names, with the message id as correlation id', async () => {
      const answer = await client.putToken('sb://localhost/', await sasToken('sb://localhost/'));
      expect(answer).toMatchObject({
        correlation_id: 'question',
        application_properties: { 'status-code': 202, 'status-description': 'Accepted' },
      });
    });

    it('$cbs: a refusal is 401 with its condition', async () => {
      const token = await sasToken('sb://localhost/', 'RootManageSharedAccessKey', 'guess');
      expect((await client.putToken('sb://localhost/', token)).application_properties).toMatchObject({
        'status-code': 401,
        'error-condition': 'amqp:unauthorized-access',
      });
    });

    it('SAS: the path counts by whole segments in any case, not scheme, host and port', async () => {
      const token = await sasToken('amqps://elsewhere:1234/ORDERS');
      const put = async (audience: string) =>
        (await client.putToken(audience, token)).application_properties?.['status-code'] as number;
      expect(await put('sb://localhost/orders')).toBe(202);
      expect(await put('sb://localhost/orders/Partitions/1')).toBe(202);
      expect(await put('sb://localhost/orders/ConsumerGroups/$Default/Partitions/1')).toBe(202);
      expect(await put('sb://localhost/orders/$management')).toBe(202);
      expect(await put('sb://localhost/orders2')).toBe(401);
      expect(await put('sb://localhost/single')).toBe(401);
    });

    it('Entra ID tokens are refused', async () => {
      const properties = { operation: 'put-token', name: 'sb://localhost/orders', type: 'jwt' };
      const answer = await client.request('$cbs', { application_properties: properties, body: 'e30.e30.' });
      expect(answer.application_properties).toMatchObject({ 'status-code': 401 });
    });
  });

  describe('§2 $management', () => {
    const read = (type: string, properties = {}, hub = 'orders') =>
      client.request('$management', {
        application_properties: { operation: 'READ', name: hub, type, ...properties },
        body: '',
      });
    beforeEach(() => client.authenticate());

    it('com.microsoft:eventhub', async () => {
      const { body, application_properties: status } = await read('com.microsoft:eventhub');
      expect(status).toMatchObject({ 'status-code': 200 });
      expect(body).toEqual({
        name: 'orders',
        type: 'com.microsoft:eventhub',
        created_at: expect.any(Date),
        partition_count: 4,
        partition_ids: ['0', '1', '2', '3'],
        georeplication_factor: 1,
      });
    });

    it('com.microsoft:partition', async () => {
      const { body } = await read('com.microsoft:partition', { partition: '0' });
      expect(body).toEqual({
        name: 'orders',
        type: 'com.microsoft:partition',
        partition: '0',
        begin_sequence_number: 0,
        last_enqueued_sequence_number: 2,
        last_enqueued_offset: expect.stringMatching(/^\d+$/),
        last_enqueued_time_utc: expect.any(Date),
        is_partition_empty: false,
      });
    });

    it('an empty partition: -1, "-1", -62135596800000', async () => {
      const { body } = await read('com.microsoft:partition', { partition: '0' }, 'empty');
      expect(body).toMatchObject({
        begin_sequence_number: -1,
        last_enqueued_sequence_number: -1,
        last_enqueued_offset: '-1',
        last_enqueued_time_utc: new Date(-62_135_596_800_000),
        is_partition_empty: true,
      });
    });

    it('a token may come with the request, as Azure’s Java client sends it, and holds for that one', async () => {
      const own = await RawClient.connect(broker.amqpPort);
      const partition = 'sb://localhost/orders/Partitions/0';
      await own.putToken(partition, await sasToken(partition));
      const status = async (token?: string) => {
        const asked = { operation: 'READ', name: 'orders', type: 'com.microsoft:eventhub' };
        const properties = { ...asked, ...(token !== undefined && { security_token: token }) };
        const answer = await own.request('$management', { application_properties: properties, body: '' });
        return answer.application_properties?.['status-code'] as number;
      };
      const token = await sasToken('amqp://localhost/orders');
      expect(await status()).toBe(401);
      expect(await status(token)).toBe(200);
      expect(await status()).toBe(401);
      expect(await status(await sasToken('amqp://localhost/empty'))).toBe(401);
      expect(await status(token.replace('sig=', 'sig=A'))).toBe(401);
      own.close();
    });

    it('a hub that is not there: 404 with its condition', async () => {
      expect((await read('com.microsoft:eventhub', {}, 'nowhere')).application_properties).toMatchObject({
        'status-code': 404,
        'error-condition': 'amqp:not-found',
        'status-description': "The messaging entity 'nowhere' could not be found.",
      });
    });
  });

  describe('§2 senders', () => {
    beforeEach(() => client.authenticate());

    it('max-message-size is told at attach, and credit comes with the attach in one write (§5.1)', async () => {
      const socket = (client.connection as unknown as { socket: net.Socket }).socket;
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      const sender = await client.sender('orders');
      const performatives = (chunk: Buffer) => {
        const found: number[] = [];
        for (let at = 0; at < chunk.length; at += chunk.readUInt32BE(at)) found.push(chunk[at + 10] ?? 0);
        return found;
      };
      const withAttach = chunks.map(performatives).find((found) => found.includes(0x12));
      expect(withAttach).toEqual(expect.arrayContaining([0x12, 0x13]));
      expect((sender as unknown as { max_message_size: number }).max_message_size).toBe(1_048_576);
    });

    it('format 0x80013700: N data sections, each a whole message, all or nothing', async () => {
      const sender = await client.sender('orders/Partitions/1');
      const events = ['a', 'b', 'c'].map((body) => rhea.message.encode({ body }));
      const batch = rhea.message.encode({ body: rhea.message.data_sections(events) });
      const accepted = once(sender, 'accepted');
      sender.send(batch, undefined, 0x80013700);
      await accepted;
      const broken = rhea.message.encode({
        body: rhea.message.data_sections([events[0] as Buffer, Buffer.from('no message')]),
      });
      const rejected = once(sender, 'rejected');
      sender.send(broken, undefined, 0x80013700);
      await rejected;
      const link = await client.receiver('orders/ConsumerGroups/$Default/Partitions/1');
      const read = deliveries(link, 3);
      link.add_credit(10);
      expect((await read).map(({ message }) => message?.body as unknown)).toEqual(['a', 'b', 'c']);
    });
  });

  describe('§2 receivers', () => {
    const address = 'orders/ConsumerGroups/$Default/Partitions/0';
    beforeEach(() => client.authenticate());

    it('annotations: sequence number long, offset string, time timestamp; settled when sent', async () => {
      const link = await client.receiver(address);
      const read = deliveries(link, 3);
      link.add_credit(3);
      const all = await read;
      expect(all.map((context) => section(context, 'message_annotations'))).toEqual(
        [0, 1, 2].map((sequenceNumber) => ({
          'x-opt-sequence-number': sequenceNumber,
          'x-opt-offset': expect.stringMatching(/^\d+$/),
          'x-opt-enqueued-time': expect.any(Date),
        })),
      );
      expect(
        all.every(({ delivery }) => (delivery as unknown as { remote_settled: boolean }).remote_settled),
      ).toBe(true);
    });

    it('credit: no more than was given', async () => {
      const link = await client.receiver(address);
      const seen: unknown[] = [];
      link.on('message', ({ message }: EventContext) => seen.push(message));
      link.add_credit(2);
      while (seen.length < 2) await once(link, 'message');
      await client.request('$management', { application_properties: { operation: 'READ' }, body: '' }); // a round trip later
      expect(seen).toHaveLength(2);
      link.add_credit(1);
      while (seen.length < 3) await once(link, 'message');
    });

    it.each([
      ["amqp.annotation.x-opt-offset > '-1'", 0],
      ["amqp.annotation.x-opt-sequence-number > '0'", 1],
      ["amqp.annotation.x-opt-sequence-number >= '1'", 1],
      ["amqp.annotation.x-opt-enqueued-time > '0'", 0],
    ])('filter %s', async (filter, first) => {
      const link = await client.receiver(address, { source: { address, filter: selector(filter) } });
      const read = deliveries(link, 1);
      link.add_credit(1);
      const [context] = await read;
      expect(section(context as EventContext, 'message_annotations')['x-opt-sequence-number']).toBe(first);
    });

    it('com.microsoft:enable-receiver-runtime-metric: the end of the partition beside each event', async () => {
      const capability = 'com.microsoft:enable-receiver-runtime-metric';
      const link = await client.receiver(address, { desired_capabilities: capability });
      const read = deliveries(link, 1);
      link.add_credit(1);
      const [context] = await read;
      expect(section(context as EventContext, 'delivery_annotations')).toEqual({
        last_enqueued_sequence_number: 2,
        last_enqueued_offset: expect.stringMatching(/^\d+$/),
        last_enqueued_time_utc: expect.any(Date),
        runtime_info_retrieval_time_utc: expect.any(Date),
      });
    });

    it('a link is refused by attach, then detach with the error', async () => {
      const nowhere = 'orders/ConsumerGroups/nobody/Partitions/0';
      const session = client.connection.create_session();
      session.open();
      const link: Receiver = session.open_receiver({ source: nowhere });
      const said: string[] = [];
      link.on('receiver_open', () => said.push('attach'));
      const refused = once(link, 'receiver_error');
      link.on('receiver_error', () => said.push('detach'));
      await refused;
      expect(said).toEqual(['attach', 'detach']);
      expect(link.error).toMatchObject({
        condition: 'amqp:not-found',
        description: `The messaging entity '${nowhere}' could not be found.`,
      });
    });
  });
});
