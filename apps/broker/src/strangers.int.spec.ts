import { createRequire } from 'node:module';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import rhea from 'rhea';
import { createSasTokenProvider } from '@azure/core-amqp';
import { earliestEventPosition } from '@azure/event-hubs';
import { AmqpClient } from '../test/faults/amqp-client.js';
import { BrokerHarness, Reading, type Running } from '../test/harness.js';

/** Whoever connects without knowing, or with bad intent: the engine lives on and serves the others. */
describe('a stranger', () => {
  let harness: BrokerHarness;
  let broker: Running;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start();
  });
  afterEach(async () => {
    // Whatever happened: a legitimate client is unharmed.
    await harness.producer(broker).sendBatch([{ body: 'still here' }]);
    await harness.closeClients();
  });
  afterAll(() => harness.close());

  /** Sends bytes and answers everything the engine said until it hung up. */
  const say = async (...bytes: Buffer[]) => {
    const socket = net.connect(broker.amqpPort, '127.0.0.1');
    const heard: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => heard.push(chunk));
    socket.on('error', () => undefined); // a reset is an answer too
    await once(socket, 'connect');
    for (const chunk of bytes) socket.write(chunk);
    await once(socket, 'close');
    return Buffer.concat(heard).toString('latin1');
  };

  interface Frames {
    write_frame(frame: { channel: number; type: number; performative: unknown; payload?: Buffer }): Buffer;
  }
  type Performatives = Record<string, (fields: unknown) => unknown>;
  const frames = createRequire(import.meta.url)('rhea/lib/frames.js') as Frames & Performatives;
  const amqp = (name: string, fields: unknown, payload?: Buffer) =>
    frames.write_frame({
      channel: 0,
      type: 0,
      performative: frames[name]?.(fields),
      ...(payload && { payload }),
    });
  const header = Buffer.from('AMQP\0\x01\0\0', 'latin1');
  const open = amqp('open', { container_id: 'stranger' });
  const begin = amqp('begin', { next_outgoing_id: 0, incoming_window: 10, outgoing_window: 10 });
  const attach = (name: string, handle: number, address = '$cbs') =>
    amqp('attach', {
      name,
      handle,
      role: false,
      initial_delivery_count: 0,
      target: rhea.types.wrap_described([rhea.types.wrap_string(address)], 0x29),
    });

  it.each([
    ['HTTP', [Buffer.from('GET / HTTP/1.1\r\n\r\n')], ''],
    [
      'a 4 GB frame',
      [header, open, Buffer.from([0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0])],
      'amqp:connection:framing-error',
    ],
    [
      '50 million nulls',
      [
        header,
        open,
        Buffer.from([
          0, 0, 0, 24, 2, 0, 0, 0, 0, 0x53, 0x18, 0xc0, 11, 1, 0xf0, 0, 0, 0, 5, 2, 0xfa, 0xf0, 0x80, 0x40,
        ]),
      ],
      'amqp:decode-error',
    ],
    ['a second open', [header, open, open], 'amqp:not-allowed'],
    [
      'a transfer out of nowhere',
      [header, open, begin, amqp('transfer', { handle: 7 }, Buffer.from('x'))],
      'amqp:not-allowed',
    ],
    ['an attach on no session', [header, open, attach('a', 0)], 'amqp:not-allowed'],
    ['a session on a channel in use', [header, open, begin, begin], 'amqp:not-allowed'],
    ['a link named __proto__', [header, open, begin, attach('__proto__', 0)], 'amqp:not-allowed'],
    [
      'five links without a token',
      [header, open, begin, ...[0, 1, 2, 3, 4].map((i) => attach(`l${i}`, i))],
      'too many links',
    ],
    ['nothing more in five seconds', [header, open, begin, attach('a', 0)], 'No valid token was put in time'],
  ] as const)('who speaks %s is hung up on', async (_name, bytes, expected) => {
    expect(await say(...bytes)).toContain(expected);
  });

  it('who opens a link to a hub before a token is refused the link', async () => {
    const socket = net.connect(broker.amqpPort, '127.0.0.1');
    socket.write(Buffer.concat([header, open, begin, attach('a', 0, 'orders')]));
    let heard = '';
    while (!heard.includes('unauthorized-access'))
      heard += ((await once(socket, 'data')) as [Buffer])[0].toString('latin1');
    expect(heard).toContain("'Send' claim required for 'orders'");
    socket.destroy();
    await once(socket, 'close');
  });

  it('who claims to have settled four billion deliveries stops nobody', async () => {
    const socket = net.connect(broker.amqpPort, '127.0.0.1');
    const all = amqp('disposition', { role: true, first: 0, last: 4_294_967_295, settled: true });
    const end = amqp('close', {});
    socket.write(Buffer.concat([header, open, begin, all, all, end]));
    const started = performance.now();
    socket.resume();
    await once(socket, 'close');
    expect(performance.now() - started).toBeLessThan(10_000); // one after the other, minutes
  });

  it('whose token is for one hub gets no other, nor one whose name begins alike', async () => {
    const provider = createSasTokenProvider({
      sharedAccessKeyName: 'RootManageSharedAccessKey',
      sharedAccessKey: 'SAS_KEY_VALUE',
    });
    const { token } = await (provider.getToken('sb://localhost/single') as Promise<{ token: string }>);
    const connectionString = `Endpoint=sb://localhost:${broker.amqpPort};SharedAccessSignature=${token};UseDevelopmentEmulator=true;`;
    const stranger = { ...broker, connectionString };
    await harness.producer(stranger, 'single').sendBatch([{ body: 1 }]);
    await expect(harness.producer(stranger, 'orders').sendBatch([{ body: 1 }])).rejects.toMatchObject({
      code: 'UnauthorizedError',
    });
  });

  /** Knows the engine by a token for `orders` that is good for a second or two. */
  const withShortToken = () => {
    const sr = encodeURIComponent('sb://localhost/orders');
    const se = Math.ceil(Date.now() / 1000) + 1;
    const sig = createHmac('sha256', 'SAS_KEY_VALUE').update(`${sr}\n${se}`).digest('base64');
    const token = `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(sig)}&se=${se}&skn=RootManageSharedAccessKey`;
    const connectionString = `Endpoint=sb://localhost:${broker.amqpPort};SharedAccessSignature=${token};UseDevelopmentEmulator=true;`;
    return { token, stranger: { ...broker, connectionString }, expiresMs: se * 1000 };
  };

  it('whose token expires loses its links at that moment', async () => {
    const { stranger, expiresMs } = withShortToken();
    const reading = new Reading(harness.consumer(stranger), '0', earliestEventPosition);
    await reading.until(({ errors }) => errors.length > 0);
    expect(reading.errors[0]).toMatchObject({ code: 'UnauthorizedError' });
    expect(Date.now()).toBeGreaterThanOrEqual(expiresMs);
  });

  it('whose token expires while it sends is not listened to any more', async () => {
    const last = async () =>
      (await harness.producer(broker).getPartitionProperties('3')).lastEnqueuedSequenceNumber;
    const before = await last();
    const { token, stranger, expiresMs } = withShortToken();
    const client = await AmqpClient.connect(broker.amqpPort, token, 'sb://localhost/orders');
    const sender = await client.sender('orders/Partitions/3');
    let accepted = 0;
    let outcome = await sender.send('event');
    for (; outcome === 'accepted'; outcome = await sender.send('event')) accepted++;
    expect(Date.now()).toBeGreaterThanOrEqual(expiresMs);
    expect(accepted).toBeGreaterThan(0);
    expect(['unknown', { refused: 'amqp:unauthorized-access' }]).toContainEqual(outcome);
    // One may have been kept whose answer the end of the link overtook.
    const kept = (await last()) - before;
    expect(outcome === 'unknown' ? [accepted, accepted + 1] : [accepted]).toContain(kept);
    const again = harness.producer(stranger).sendBatch([{ body: 2 }]);
    await expect(again).rejects.toMatchObject({ code: 'UnauthorizedError' });
    await client.close();
  });

  it('never finds a token in the log', () => {
    expect(broker.output.join('')).not.toMatch(/SharedAccessSignature|sig=|SAS_KEY_VALUE/);
  });
});
