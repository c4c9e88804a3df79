// A quick look at the engine through the unmodified client (which is the ceiling): node apps/broker/test/bench.mjs
// after `npm run build`. 1 KiB events, 4 partitions, one producer process, everything on this machine.
import { EventHubConsumerClient, EventHubProducerClient, earliestEventPosition } from '@azure/event-hubs';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const SECONDS = Number(process.env.SECONDS ?? 3);
const root = path.resolve(import.meta.dirname, '../../..');
const data = await mkdtemp(path.join(os.tmpdir(), 'broker-bench-'));
const broker = fork(
  path.join(root, 'apps/broker/dist/main.js'),
  ['--config', path.join(root, 'config/eventhubs.json'), '--data', data, '--port', '0', '--http-port', '0'],
  { silent: true, execArgv: (process.env.BROKER_NODE_OPTIONS ?? '').split(' ').filter(Boolean) },
);
const [{ amqpPort }] = await once(broker, 'message');
const connection = `Endpoint=sb://localhost:${amqpPort};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;`;
const HUB = 'customer-events';

/** Seconds of processor time and MiB of memory the engine has taken so far. */
async function engine() {
  const stat = (await readFile(`/proc/${broker.pid}/stat`, 'utf8')).split(') ')[1].split(' ');
  const status = await readFile(`/proc/${broker.pid}/status`, 'utf8');
  const cpu = (Number(stat[11]) + Number(stat[12])) / 100;
  return { cpu, rss: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024) };
}

const rows = [];
async function measure(what, run) {
  const before = await engine();
  const started = performance.now();
  const events = await run();
  const seconds = (performance.now() - started) / 1000;
  const after = await engine();
  rows.push({
    what,
    'events/s': Math.round(events / seconds),
    'engine µs/event': Number((((after.cpu - before.cpu) / events) * 1e6).toFixed(1)),
    'engine MiB': after.rss,
  });
}

const producer = new EventHubProducerClient(connection, HUB);
const body = Buffer.alloc(1024, 'x');
async function send(inFlight, size) {
  const end = performance.now() + SECONDS * 1000;
  let sent = 0;
  const one = async (_, i) => {
    while (performance.now() < end) {
      const events = Array.from({ length: size }, () => ({ body }));
      await producer.sendBatch(events, { partitionId: String(i % 4) });
      sent += size;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  return sent;
}

async function receive(group) {
  const consumer = new EventHubConsumerClient(group, connection, HUB);
  const ids = await consumer.getPartitionIds();
  const ends = await Promise.all(ids.map((id) => consumer.getPartitionProperties(id)));
  const all = ends.reduce((sum, { lastEnqueuedSequenceNumber }) => sum + lastEnqueuedSequenceNumber + 1, 0);
  let received = 0;
  const { promise, resolve } = Promise.withResolvers?.() ?? deferred();
  for (const id of ids) {
    const handlers = {
      processEvents: async (events) => {
        received += events.length;
        if (received >= all) resolve();
      },
      processError: async (error) => console.error(error.message),
    };
    const options = { startPosition: earliestEventPosition, maxBatchSize: 1000, prefetchCount: 3000 };
    consumer.subscribe(id, handlers, { ...options, skipParsingBodyAsJson: true });
  }
  await promise;
  return received;
}

function deferred() {
  const result = {};
  result.promise = new Promise((resolve) => (result.resolve = resolve));
  return result;
}

await send(4, 1); // links open, code warm
await measure('send one at a time', () => send(1, 1));
await measure('send singles, 16 in flight', () => send(16, 1));
await measure('send batches of 100, one partition', () => send(1, 100));
await measure('send batches of 100, four partitions', () => send(4, 100));
await measure('receive everything, first group', () => receive('audit'));
await measure('receive everything, second group', () => receive('search-indexer'));
console.table(rows);
broker.kill('SIGTERM');
await once(broker, 'exit');
await rm(data, { recursive: true });
process.exit(0);
