// The unmodified client in a process of its own, told what to do by rows/client.mjs.
import { EventHubProducerClient } from '@azure/event-hubs';
import { EVENT_BYTES } from '../traffic.mjs';

const body = Buffer.alloc(EVENT_BYTES, 'x');
const PARTITIONS = 4;
const BATCH = 100;

const producerFor = ({ port, hub }) =>
  new EventHubProducerClient(
    `Endpoint=sb://localhost:${port};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;`,
    hub,
  );

async function send(target) {
  const producer = producerFor(target);
  const batch = Array.from({ length: BATCH }, () => ({ body }));
  const rounds = Math.ceil(target.events / BATCH / PARTITIONS);
  const sendTo = async (_, partition) => {
    for (let i = 0; i < rounds; i++) await producer.sendBatch(batch, { partitionId: String(partition) });
  };
  const partitions = Array.from({ length: PARTITIONS });
  await Promise.all(partitions.map((_, id) => producer.sendBatch(batch, { partitionId: String(id) }))); // links open
  const started = performance.now();
  await Promise.all(partitions.map(sendTo));
  const seconds = (performance.now() - started) / 1000;
  await producer.close();
  return { events: rounds * BATCH * PARTITIONS, seconds };
}

/** From nothing to the first acknowledged send, in milliseconds. */
async function connect(target) {
  const started = performance.now();
  const producer = producerFor(target);
  await producer.sendBatch([{ body }], { partitionId: '0' });
  const ms = performance.now() - started;
  await producer.close();
  return { ms };
}

const commands = { send, connect };
process.on('message', async ({ command, ...target }) => process.send(await commands[command](target)));
process.on('disconnect', () => process.exit());
process.send('ready');
