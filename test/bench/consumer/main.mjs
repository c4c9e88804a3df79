// What the runtime makes of events that nobody wants, beside the unmodified client on the same events.
import path from 'node:path';
import { startPostgres } from '@app/database/embedded';
import { Client } from 'pg';
import { readArguments, whole } from '../arguments.mjs';
import { beside, ratios } from '../engine/beside.mjs';
import { startEngine } from '../engine/engine.mjs';
import {
  end,
  freePort,
  nextMessage,
  removeFolder,
  start,
  startNode,
  temporaryFolder,
} from '../processes.mjs';
import { judge, median, perSecond, printHeading, printTable, rate, spread } from '../report.mjs';

const HUB = 'events';
const PARTITIONS = 4;
const reader = path.join(import.meta.dirname, 'reader.mjs');
const targets = { skip: { must: 0.6, reach: 0.75 } };

/** Runs one side in a process of its own, from its first event to its last. */
async function read(side, env) {
  const stdio = ['ignore', 'ignore', 'inherit', 'ipc'];
  const child = start(process.execPath, [reader, side], { stdio, env: { ...process.env, ...env } });
  const result = await nextMessage(child);
  await end(child);
  return result;
}

async function measure({ rounds, events }) {
  const folder = await temporaryFolder();
  const engine = await startEngine(folder, { [HUB]: PARTITIONS });
  const EVENTHUBS_CONNECTION_STRING =
    `Endpoint=sb://localhost:${engine.port};SharedAccessKeyName=RootManageSharedAccessKey;` +
    'SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;';
  const env = { EVENTHUBS_CONNECTION_STRING, EVENTHUB_NAME: HUB, EVENTS: String(events) };
  const postgres = await startPostgres({
    dataDir: path.join(folder, 'postgres'),
    port: await freePort(),
    password: 'bench',
  });
  try {
    const writer = path.join(import.meta.dirname, 'writer.mjs');
    Object.assign(process.env, env);
    const { child } = await startNode(writer);
    await end(child);
    return await besideTheClient(postgres, env, rounds);
  } finally {
    await end(engine.child);
    await postgres.stop();
    await removeFolder(folder);
  }
}

async function besideTheClient(postgres, env, rounds) {
  let databases = 0;
  /** Nothing is read yet in a database that is new. */
  const withDatabase = async (side) => {
    const name = `bench_${databases++}`;
    const client = new Client({ connectionString: postgres.url('postgres') });
    await client.connect();
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
    return read(side, { ...env, DATABASE_URL: postgres.url(name) });
  };
  return beside(rounds, {
    bare: () => read('bare', env),
    type: () => withDatabase('type'),
    filter: () => withDatabase('filter'),
  });
}

export function prepare(args) {
  const { values } = readArguments(
    {
      rounds: { type: 'string', default: '5' },
      events: { type: 'string', default: '100000' },
      quick: { type: 'boolean', default: false },
    },
    args,
  );
  const asked = { rounds: whole(values, 'rounds'), events: whole(values, 'events') };
  const { rounds, events } = values.quick ? { rounds: 1, events: 8_000 } : asked;
  return async () => {
    printHeading(
      `Consumer: ${events.toLocaleString('en')} sealed events of 1 KiB, ${rounds} rounds beside the bare client`,
    );
    const sides = await measure({ rounds, events });
    const rates = (name) => sides[name].map(perSecond);
    const measured = (name) =>
      `${rate(median(rates(name)))}, ${median(sides[name].map(({ cpuMicros }) => cpuMicros)).toFixed(0)} µs of CPU each`;
    const row = (what, name, target) => {
      const beside = ratios(rates(name), rates('bare'));
      return {
        what,
        target: target && `≥ ${target.must} ×`,
        measured: measured(name),
        beside: `${median(beside).toFixed(2)} × (${spread(beside)})`,
        verdict: target && judge(median(beside), target),
      };
    };
    printTable([
      { what: 'the client alone', measured: measured('bare') },
      row('skip by type', 'type', targets.skip),
      row('skip by a filter on subject', 'filter'),
    ]);
  };
}
