import { setTimeout as delay } from 'node:timers/promises';
import rhea from 'rhea';
import { BrokerHarness, type Running } from '../harness.js';
import { putToken, sasToken } from './amqp-client.js';
import { MemoryWatch, residentBytes } from './process-usage.js';
import {
  amqp,
  attachReceiver,
  attachSender,
  authenticate,
  begin,
  event,
  flow,
  header,
  open,
  RawClient,
  transfer,
} from './raw-client.js';

const MiB = 1024 * 1024;
/** What one of these clients may cost the engine; without its limits each costs more, and ever more. */
const MOST_BYTES = 64 * MiB;

/** One client that asks for more than it can be given: the engine stays as it was. */
describe('a client that floods', () => {
  let harness: BrokerHarness;
  let broker: Running;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start();
  });
  afterAll(() => harness.close());

  /** How much more memory the engine had at most meanwhile. */
  const growth = async (work: () => Promise<unknown>) => {
    const pid = broker.process.pid as number;
    const before = await residentBytes(pid);
    const watch = new MemoryWatch(pid);
    await work();
    return (await watch.stop()) - before;
  };
  const times = (count: number, make: (i: number) => Buffer) =>
    Buffer.concat(Array.from({ length: count }, (_, i) => make(i)));

  /** Writes without ever reading, until the engine takes no more; answers the bytes it took. */
  const pourUntilStuck = async (client: RawClient, next: () => Buffer) => {
    const { socket } = client;
    socket.pause();
    const taken = () => socket.bytesWritten - socket.writableLength;
    for (let before = -1; before !== taken() || socket.writableLength === 0;) {
      if (taken() > 200 * MiB) throw new Error('the engine reads on and on');
      if (socket.destroyed) throw new Error('the engine hung up');
      before = taken();
      while (socket.writableLength < MiB) socket.write(next());
      const drained = new Promise((resolve) => socket.once('drain', resolve));
      await Promise.race([drained, delay(400)]); // stuck = nothing was taken in so long
    }
    return taken();
  };
  const request = rhea.message.encode({
    message_id: 'x',
    reply_to: 'answers',
    application_properties: { operation: 'READ', type: 'com.microsoft:eventhub', name: 'orders' },
    body: null,
  });

  it('with requests, and reads no answer, is not read either until it does', async () => {
    const client = await RawClient.authenticated(broker.amqpPort);
    const replies = attachReceiver(2, '$management', { name: 'answers' });
    client.say(replies, attachSender(3, '$management', { name: 'asks' }), flow(2, 2 ** 31 - 1));
    await client.hears('asks');
    let id = 1;
    const more = () => times(100, () => transfer(3, id++, request));
    expect(await growth(() => pourUntilStuck(client, more))).toBeLessThan(MOST_BYTES);
    client.socket.resume();
    await client.until(() => client.socket.writableLength === 0);
    client.say(transfer(3, id, Buffer.concat([request.subarray(0, -1), Buffer.from([0x40])])));
    client.say(amqp('close', {}));
    await client.until(() => client.socket.destroyed); // everything before it was taken and answered
    await client.close();
  });

  it('with wrong tokens, and reads no answer, is not read either', async () => {
    const client = await RawClient.connect(broker.amqpPort);
    const replies = attachReceiver(0, '$cbs', { name: 'cbs-reply' });
    client.say(
      header,
      open,
      begin(),
      replies,
      attachSender(1, '$cbs', { name: 'asks' }),
      flow(0, 2 ** 31 - 1),
    );
    await client.hears('asks');
    let id = 0;
    const token = rhea.message.encode(putToken(sasToken('wrong'), 'cbs-reply'));
    const more = () => times(100, () => transfer(1, id++, token));
    expect(await growth(() => pourUntilStuck(client, more))).toBeLessThan(MOST_BYTES);
    await client.close();
  });

  it('with messages in pieces of one byte, and of none, costs what their bytes cost', async () => {
    const client = await RawClient.authenticated(broker.amqpPort);
    const links = 4;
    client.say(
      ...Array.from({ length: links }, (_, i) => attachSender(2 + i, 'single', { name: `flood${i}` })),
    );
    await client.hears(`flood${links - 1}`);
    const piece = (bytes: number) =>
      times(links * 50, (i) => {
        const link = i % links;
        return transfer(2 + link, 1 + link, Buffer.alloc(bytes, 'x'), { more: true });
      });
    const pieces = [piece(1), piece(0), piece(1)];
    // A begun session takes 2,048 transfers before it opens its window again.
    const grown = await growth(async () => {
      for (let i = 0; i < 3_000; i++) {
        client.say(pieces[i % 3] as Buffer);
        while (client.socket.writableLength > MiB) await delay(1);
      }
      client.say(detachAll(links));
      await client.hears('\x53\x16');
    });
    expect(grown).toBeLessThan(MOST_BYTES);
    await client.close();
  });
  const detachAll = (links: number) => times(links, (i) => amqp('detach', { handle: 2 + i, closed: true }));

  it('with readers on one connection, and reads nothing, is given what one reader would be', async () => {
    const links = 200;
    const own = await BrokerHarness.create();
    const generous = await own.start(
      ['maxReaders=1000', 'readBytes=1048576'].flatMap((limit) => ['--limit', limit]),
    );
    const producer = own.producer(generous);
    for (let i = 0; i < 2; i++) {
      const batch = Array.from({ length: 900 }, () => ({ body: 'x'.repeat(1_000) }));
      await producer.sendBatch(batch, { partitionId: '0' });
    }
    const client = await RawClient.authenticated(generous.amqpPort);
    const source = 'orders/ConsumerGroups/billing/Partitions/0';
    client.say(times(links, (i) => attachReceiver(2 + i, source, { name: `reader${i}` })));
    await client.hears(`reader${links - 1}`);
    const delivered = async () => {
      const headers = { authorization: sasToken() };
      const metrics = await fetch(`http://127.0.0.1:${generous.httpPort}/metrics`, { headers });
      const [, bytes] =
        /^eventhubs_delivered_bytes_total{hub="orders",partition="0"} (\d+)$/m.exec(await metrics.text()) ??
        [];
      return Number(bytes);
    };
    client.socket.pause();
    client.say(times(links, (i) => flow(2 + i, 1_000)));
    // Until nothing more is given: then it lies in the engine or in the kernel's buffers.
    let given = 0;
    for (let before = -1; given === 0 || before !== given; given = await delivered()) {
      before = given;
      await delay(200);
    }
    expect(given).toBeLessThan(32 * MiB); // a block for each would be 50 MiB
    await client.close();
    await own.close();
  });

  it('with sessions before it has put a token is hung up on', async () => {
    const client = await RawClient.connect(broker.amqpPort);
    client.say(header, open, times(1_024, begin));
    await client.hears('too many sessions');
    await client.until(() => client.socket.destroyed);
  });

  it('with links after its token is hung up on at the limit', async () => {
    const client = await RawClient.authenticated(broker.amqpPort);
    client.say(times(2_100, (i) => attachSender(2 + i, 'single', { name: `many${i}` })));
    await client.hears('too many links');
    await client.until(() => client.socket.destroyed);
  });

  it('that wants to hear from the engine every millisecond is refused', async () => {
    const client = await RawClient.connect(broker.amqpPort);
    client.say(header, amqp('open', { container_id: 'stranger', idle_time_out: 1 }));
    await client.hears('an idle time-out of 1 ms is too short');
    await client.until(() => client.socket.destroyed);
  });

  it('that wants to hear from the engine in 50 days does not hear from it every millisecond', async () => {
    const client = await RawClient.connect(broker.amqpPort);
    client.say(header, amqp('open', { container_id: 'stranger', idle_time_out: 2 ** 32 - 1 }), authenticate);
    await client.hears('Accepted');
    const before = client.heardBytes;
    const other = await RawClient.authenticated(broker.amqpPort); // some dozen milliseconds
    expect(client.heardBytes - before).toBeLessThanOrEqual(2 * 8);
    await Promise.all([client.close(), other.close()]);
  });

  it('leaves an engine that serves the others', async () => {
    const client = await RawClient.authenticated(broker.amqpPort);
    client.say(attachSender(2, 'single'), transfer(2, 1, event('still here')));
    await client.hears('\x53\x15'); // a disposition
    await client.close();
  });
});
