import { eventually } from '@app/testing';
import { BrokerHarness, type Running } from '../harness.js';
import { sasToken } from './amqp-client.js';
import { Bystander, p99 } from './bystander.js';
import { MemoryWatch, residentBytes } from './process-usage.js';
import { sizeOf } from './runs.js';
import {
  attachReceiver,
  attachSender,
  authenticate,
  begin,
  event,
  flow,
  header,
  open,
  RawClient,
  saslHeader,
  transfer,
} from './raw-client.js';

const SOCKETS = sizeOf('SOCKETS', 500);
const SENDS = 300;
const MiB = 1024 * 1024;
/** 500 clients, some of which are owed up to 1 MiB each. */
const MOST_BYTES = 400 * MiB;
const READERS_GROUP = 'orders/ConsumerGroups/billing/Partitions';

const limits = [`maxConnections=${SOCKETS + 20}`, 'maxReaders=100', 'authenticateMs=3000'].flatMap(
  (limit) => ['--limit', limit],
);

type Slowness = (client: RawClient) => void;

const dripped = Buffer.concat([header, open, begin()]);
const endlessCredit = flow(3, 2 ** 31 - 1);

/** What a client does and, mostly, does not do. */
const slow: readonly Slowness[] = [
  () => undefined,
  (client) => client.say(header.subarray(0, 3)),
  (client) => client.say(saslHeader),
  (client) => client.say(header, open.subarray(0, 11)),
  (client) => client.say(header, Buffer.from([0, 0, 255, 255, 2, 0, 0, 0])),
  (client) => client.say(header, open),
  (client) => client.say(header, open, begin()),
  (client) => {
    let i = 0;
    const timer = setInterval(() => {
      client.say(dripped.subarray(i, ++i));
      if (i >= dripped.length || client.socket.destroyed) clearInterval(timer);
    }, 50);
  },
  (client) => {
    for (const byte of Buffer.concat([header, open, authenticate])) client.socket.write(Buffer.of(byte));
  },
  (client) => client.say(header, open, authenticate),
  // Reads nothing, and wants everything, on several links.
  (client) => {
    client.say(header, open, authenticate);
    const links = [0, 1, 2, 3].flatMap((partition) => [
      attachReceiver(3 + partition, `${READERS_GROUP}/${partition}`),
      flow(3 + partition, 2 ** 31 - 1),
    ]);
    client.say(...links, endlessCredit);
    client.socket.pause();
  },
  // Sends, and never reads what became of it.
  (client) => {
    client.socket.pause();
    const events = Array.from({ length: 100 }, (_, i) => transfer(3, 1 + i, event('x'.repeat(500))));
    client.say(header, open, authenticate, attachSender(3, 'orders/Partitions/3'), ...events);
  },
];

/** T20: slow clients and too many of them, beside one that behaves. */
describe(`${SOCKETS} slow clients`, () => {
  let harness: BrokerHarness;
  let broker: Running;
  const clients: RawClient[] = [];
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start(limits);
    const producer = harness.producer(broker);
    for (const partitionId of ['0', '1', '2', '3']) {
      const batch = Array.from({ length: 900 }, () => ({ body: 'x'.repeat(1_000) }));
      await producer.sendBatch(batch, { partitionId });
    }
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await harness.close();
  });

  const connections = async () => {
    const authorization = sasToken();
    const response = await fetch(`http://127.0.0.1:${broker.httpPort}/metrics`, {
      headers: { authorization },
    });
    const [, value] = /^eventhubs_connections (\d+)$/m.exec(await response.text()) ?? [];
    return Number(value);
  };

  it('delay nobody else, cost bounded memory, and leave nothing behind', async () => {
    const bystander = new Bystander(harness, broker);
    await eventually(() => bystander.sends >= SENDS);
    const without = p99(bystander.takeLatencies());
    const pid = broker.process.pid as number;
    const before = await residentBytes(pid);
    const watch = new MemoryWatch(pid);

    for (let i = 0; i < SOCKETS; i++) {
      const client = await RawClient.connect(broker.amqpPort);
      (slow[i % slow.length] as Slowness)(client);
      clients.push(client);
    }
    // A flood beyond the limit: every one of these is hung up on at once.
    const tooMany = await Promise.all(Array.from({ length: 60 }, () => RawClient.connect(broker.amqpPort)));
    await eventually(() => tooMany.filter(({ socket }) => socket.destroyed).length >= 40);
    const already = bystander.sends;
    await eventually(() => bystander.sends >= already + SENDS, { timeoutMs: 30_000 });
    const latencies = bystander.takeLatencies();
    const during = p99(latencies);
    const grown = (await watch.stop()) - before;
    process.stdout.write(
      `p99 of ${latencies.length} sends: ${during.toFixed(1)} ms, ${without.toFixed(1)} ms without; ` +
        `${Math.round(grown / MiB)} MiB more\n`,
    );
    expect(latencies.length).toBeGreaterThanOrEqual(SENDS);
    expect(during).toBeLessThan(500);
    expect(grown).toBeLessThan(MOST_BYTES);

    await Promise.all([...tooMany, ...clients].map((client) => client.close()));
    const { wrong, events } = await bystander.stop();
    expect(wrong).toEqual([]);
    expect(events).toBeGreaterThan(SENDS * 2);
    await harness.closeClients();
    await eventually(async () => (await connections()) === 0);
  }, 60_000);

  it('who do not put a token are gone when their time is over', async () => {
    const strangers = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(broker.amqpPort)));
    strangers.forEach((client, i) => (slow[i % 8] as Slowness)(client));
    await Promise.all(strangers.map((client) => client.until(() => client.socket.destroyed)));
    await eventually(async () => (await connections()) === 0);
  });
});
