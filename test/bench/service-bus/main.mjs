// Commands through the unmodified client: sent in batches, received and completed one by one, durable all of it.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { readArguments, whole } from '../arguments.mjs';
import { removeFolder, startNode, temporaryFolder } from '../processes.mjs';
import { judge, median, printHeading, printTable, rate, spread } from '../report.mjs';

const program = path.join(import.meta.dirname, '../../../apps/broker/dist/main.js');
const QUEUE = 'commands';
const BODY = Buffer.alloc(1_024, 'x');
const A_BATCH = 100;
const SENDERS = 4;
const RECEIVERS = 2;

/** Reads the command line; answers what runs the rows. */
export function prepare(/** @type {string[]} */ args) {
  const options = {
    rounds: { type: 'string', default: '5' },
    commands: { type: 'string', default: '10000' },
    quick: { type: 'boolean', default: false },
  };
  const { values } = readArguments(options, args);
  const [rounds, commands] = ['rounds', 'commands'].map((name) => whole(values, name));
  return () => run(values.quick ? { rounds: 1, commands: 1_000 } : { rounds, commands }, args);
}

async function run({ rounds, commands }, args) {
  printHeading(`Service Bus: ${commands} commands of 1 KiB, durable, ${rounds} rounds, medians`);
  const folder = await temporaryFolder();
  const config = path.join(folder, 'servicebus.json');
  const Queues = [{ Name: QUEUE, Properties: { LockDuration: 'PT5M' } }];
  await writeFile(config, JSON.stringify({ UserConfig: { Namespaces: [{ Name: 'bench', Queues }] } }));
  const flags = ['--config', config, '--data', path.join(folder, 'data'), '--port', '0', '--http-port', '0'];
  const { ready } = await startNode(program, flags, { nodeOptions: ['--max-semi-space-size=4'] });
  const sent = [];
  const completed = [];
  for (let round = 0; round < rounds; round++) {
    sent.push(await sending(ready.amqpPort, commands));
    completed.push(await completing(ready.amqpPort, commands));
  }
  printTable([
    row(`sent in batches of ${A_BATCH}, ${SENDERS} at once`, sent, 5_000),
    row(`received and completed, ${RECEIVERS} receivers`, completed, 2_000),
  ]);
  console.log(`\nnpm run bench -- service-bus ${args.join(' ')}`.trimEnd());
  await removeFolder(folder);
}

const row = (what, values, must) => ({
  what,
  target: `≥ ${rate(must)}`,
  measured: `${rate(median(values))} (${spread(values, 0)})`,
  verdict: judge(median(values), { must }),
});

const clientOf = (port) =>
  new ServiceBusClient(
    `Endpoint=sb://localhost:${port};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;`,
  );

/** Commands a second. */
async function sending(port, commands) {
  const client = clientOf(port);
  const sender = client.createSender(QUEUE);
  let left = commands;
  const started = performance.now();
  const send = async () => {
    while (left > 0) {
      const count = Math.min(A_BATCH, left);
      left -= count;
      await sender.sendMessages(Array.from({ length: count }, () => ({ body: BODY })));
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
  const rated = (commands * 1_000) / (performance.now() - started);
  await client.close();
  return rated;
}

async function completing(port, commands) {
  const client = clientOf(port);
  let left = commands;
  const started = performance.now();
  const receive = async () => {
    const receiver = client.createReceiver(QUEUE);
    while (left > 0) {
      const messages = await receiver.receiveMessages(Math.min(A_BATCH, left), { maxWaitTimeInMs: 1_000 });
      left -= messages.length;
      await Promise.all(messages.map((message) => receiver.completeMessage(message)));
    }
  };
  await Promise.all(Array.from({ length: RECEIVERS }, receive));
  const rated = (commands * 1_000) / (performance.now() - started);
  await client.close();
  return rated;
}
