// How long the engine takes to start on a folder that holds many events, and what it takes of memory then:
//   node test/bench/start.mjs [--events 10000000] [--bytes 200] [--rounds 5]
import path from 'node:path';
import { EventHubConsumerClient } from '@azure/event-hubs';
import { FilePartitionLog } from '@app/partition-log';
import { StampedEvent } from '../../apps/broker/dist/amqp/annotations.js';
import { layoutOf } from '../../apps/broker/dist/amqp/wire/messages.js';
import { readArguments, whole } from './arguments.mjs';
import { startEngine } from './engine/engine.mjs';
import { cleanUp, cpuSeconds, end, removeFolder, residentMiB, temporaryFolder } from './processes.mjs';
import { median, printHeading, printTable } from './report.mjs';

const HUB = 'events';
const PARTITIONS = 4;
const FEW = 200_000;
const AT_ONCE = 2_000;

/** What the engine writes, by its own log: AMQP messages of one data section, each with its place. */
async function fill(data, events, bytes) {
  const partition = async (id) => {
    const folder = path.join(data, 'eventhubs', HUB, String(id));
    const log = await FilePartitionLog.open({ folder, maxPendingBytes: 64 * 2 ** 20 });
    const header = Buffer.from([0, 0x53, 0x75, 0xb0, 0, 0, 0, 0]);
    header.writeUInt32BE(bytes, 4);
    const message = Buffer.concat([header, Buffer.alloc(bytes, 'x')]);
    const event = new StampedEvent(message, layoutOf(message), undefined);
    const batch = Array.from({ length: AT_ONCE }, () => event);
    for (let left = events / PARTITIONS; left > 0; left -= AT_ONCE) await log.append(batch.slice(0, left));
    await log.close();
  };
  for (let id = 0; id < PARTITIONS; id++) await partition(id);
}

/** The first event at or behind a position, by the unmodified client. */
async function firstEvent(port, startPosition) {
  const connection =
    `Endpoint=sb://localhost:${port};SharedAccessKeyName=RootManageSharedAccessKey;` +
    'SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;';
  const client = new EventHubConsumerClient('$Default', connection, HUB);
  const started = performance.now();
  const found = await new Promise((resolve, reject) => {
    const options = { startPosition, maxBatchSize: 1, skipParsingBodyAsJson: true };
    const processEvents = async ([event]) => event && resolve(event);
    client.subscribe('0', { processEvents, processError: async (error) => reject(error) }, options);
  });
  const ms = performance.now() - started;
  await client.close();
  return { ms, sequenceNumber: found.sequenceNumber };
}

async function measure(folder, events) {
  const { child, startMs, port } = await startEngine(folder, { [HUB]: PARTITIONS });
  const cpuMs = cpuSeconds(child.pid) * 1000;
  const first = await firstEvent(port, { sequenceNumber: -1 });
  const wanted = Math.floor(events / PARTITIONS / 2);
  const middle = await firstEvent(port, { sequenceNumber: wanted, isInclusive: true });
  if (middle.sequenceNumber !== wanted) throw new Error(`${middle.sequenceNumber} instead of ${wanted}`);
  const mib = residentMiB(child.pid);
  await end(child);
  return { startMs, cpuMs, toFirstMs: startMs + first.ms, middleMs: middle.ms, mib };
}

const { values } = readArguments({
  events: { type: 'string', default: '10000000' },
  bytes: { type: 'string', default: '200' },
  rounds: { type: 'string', default: '5' },
});
const [many, bytes, rounds] = ['events', 'bytes', 'rounds'].map((name) => whole(values, name));
try {
  printHeading(`A start on ${many.toLocaleString('en')} events of ${bytes} bytes, ${PARTITIONS} partitions`);
  const rows = [];
  for (const events of [FEW, many]) {
    const folder = await temporaryFolder();
    // The engine makes the folder, so that everything is there that it looks for.
    await end((await startEngine(folder, { [HUB]: PARTITIONS })).child);
    await fill(path.join(folder, 'data'), events, bytes);
    const runs = [];
    for (let i = 0; i < rounds; i++) runs.push(await measure(folder, events));
    const of = (name) => {
      const all = runs.map((run) => run[name]);
      return `${Math.round(median(all))} (${Math.round(Math.min(...all))}–${Math.round(Math.max(...all))})`;
    };
    const named = events.toLocaleString('en');
    rows.push(
      { what: `${named}: start to ready, ms`, measured: of('startMs') },
      { what: `${named}: processor time of it, ms`, measured: of('cpuMs') },
      { what: `${named}: start to the first event read, ms`, target: '< 2,000', measured: of('toFirstMs') },
      { what: `${named}: an event in the middle, by number, ms`, measured: of('middleMs') },
      { what: `${named}: resident memory then, MiB`, measured: of('mib') },
    );
    await removeFolder(folder);
  }
  printTable(rows);
} finally {
  await cleanUp();
}
