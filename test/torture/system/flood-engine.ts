import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EventHubProducerClient } from '@azure/event-hubs';
import { partitionForKey, toApplicationProperties } from '@app/contracts';
import { eventually, freePort, testDatabase, testIssuer, workspaceRoot } from '@app/testing';
import { Client } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { check } from '../checker/check.js';
import type { Run } from '../checker/report.js';
import { LogObserver } from '../platform/log-observer.js';
import { MemoryWatch } from '../platform/memory-watch.js';
import { Process } from '../platform/process.js';
import { readEffects } from '../platform/rows.js';
import { keepData } from '../support/runs.js';

export interface EngineFloodPlan {
  seed: number;
  /** In all; a multiple of 1,600. */
  events: number;
  /** Between two batches of a lane. */
  pauseMs: number;
  /** How long the consumer's handler takes for a batch, at the longest. */
  handlerMs: number;
  nodeOptions: readonly string[];
}

const partitions = 8;
const lanesOfPartition = 4;
const batch = 50;
const body = Buffer.from(JSON.stringify({ changed: [], filling: 'x'.repeat(2_000) }));
const drainMs = 300_000;
const hub = { Name: 'customer-events', PartitionCount: partitions, ConsumerGroups: [{ Name: 'workers' }] };
const config = {
  UserConfig: {
    NamespaceConfig: [{ Type: 'EventHub', Name: 'torture', Entities: [hub] }],
    LoggingConfig: { Type: 'Console' },
  },
};

/** Clients of Azure's own library send as fast as they are let, to a consumer that takes a tenth of it. */
export async function floodEngine({
  seed,
  events,
  pauseMs,
  handlerMs,
  nodeOptions,
}: EngineFloodPlan): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'torture-'));
  await mkdir(join(folder, 'logs'));
  await writeFile(join(folder, 'eventhubs.json'), JSON.stringify(config));
  const [port, httpPort, database, issuer] = await Promise.all([
    freePort(),
    freePort(),
    testDatabase(),
    testIssuer(),
  ]);
  const connectionString =
    `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=RootManageSharedAccessKey;` +
    'SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;';
  const processOf = (name: string, script: string, env: Record<string, string>, args: string[] = []) =>
    new Process({
      name,
      script: join(workspaceRoot, script),
      args,
      nodeOptions,
      logFile: join(folder, 'logs', `${name}.log`),
      env: () => ({ HOST: '127.0.0.1', LOG_FORMAT: 'json', ...env }),
    });
  const workerOf = (name: string, ms: number) =>
    processOf(name, 'test/torture/consumer/worker.mjs', {
      OWNERSHIP_EXPIRY_MS: '6000',
      HANDLER_MS: String(ms),
      DATABASE_URL: database.url,
      EVENTHUBS_CONNECTION_STRING: connectionString,
      ...issuer.client,
    });
  const ports = ['--port', String(port), '--http-port', String(httpPort)];
  const files = ['--config', join(folder, 'eventhubs.json'), '--data', join(folder, 'broker')];
  const broker = processOf('broker', 'apps/broker/dist/main.js', {}, [...files, ...ports]);
  const [slow, quick] = [workerOf('slow worker', handlerMs), workerOf('quick worker', 0)];
  const all = [broker, slow, quick];
  const memory = new MemoryWatch(() => all.filter(({ pid }) => pid > 0));
  const sql = new Client({ connectionString: database.url });
  let keep = keepData();
  try {
    await broker.start();
    await slow.start();
    await sql.connect();
    const effects = async () =>
      (await sql.query<{ n: number }>('SELECT count(*)::int AS n FROM effect')).rows[0]?.n ?? 0;
    const began = performance.now();
    await sendAll(connectionString, events, pauseMs);
    const sentIn = performance.now() - began;
    const taken = await effects();
    await slow.stop();
    await quick.start();
    const drained = performance.now();
    const caughtUp = await eventually(async () => (await effects()) >= events, { timeoutMs: drainMs }).then(
      () => true,
      () => false,
    );
    const ms = performance.now() - drained;
    const observer = new LogObserver('reader at the end', connectionString);
    await eventually(() => observer.seen.length >= events, { timeoutMs: drainMs });
    await observer.close();
    const seen = await readEffects(sql, 'workers');
    const findings = check({ log: observer.seen, effects: [seen] });
    keep ||= findings.length > 0;
    const { mib, name } = memory.most;
    const figures = {
      events,
      'events/s': (events / sentIn) * 1_000,
      'taken meanwhile': taken,
      'times as fast': events / Math.max(1, taken),
      effects: seen.eventIds.length,
      'MiB at most': Math.round(mib),
      of: name,
      'MiB/min steepest': memory.steepest,
      restarts: all.reduce((sum, { starts }) => sum + starts - 1, 0),
      'ms to catch up': Math.round(ms),
      'caught up': String(caughtUp),
    };
    return { name: 'T16 flooded engine', seed, figures, findings, ...(keep && { keptAt: folder }) };
  } finally {
    memory.stop();
    await Promise.all([slow, quick].map((worker) => worker.stop()));
    await broker.stop();
    await sql.end();
    await database.drop();
    await issuer.remove();
    if (!keep) await rm(folder, { recursive: true, force: true });
  }
}

/** Over several lanes a partition, each with a customer of its own, so that the order of each is known. */
async function sendAll(connectionString: string, events: number, pauseMs: number): Promise<void> {
  const client = new EventHubProducerClient(connectionString, hub.Name);
  const lanes = Array.from({ length: partitions * lanesOfPartition }, (_, n) => n % partitions);
  try {
    await Promise.all(lanes.map((partition) => sendLane(client, partition, events / lanes.length, pauseMs)));
  } finally {
    await client.close();
  }
}

async function sendLane(
  client: EventHubProducerClient,
  partition: number,
  events: number,
  pauseMs: number,
): Promise<void> {
  const subject = customerOf(partition);
  for (let sent = 0; sent < events; sent += batch) {
    const data = Array.from({ length: Math.min(batch, events - sent) }, (_, n) => {
      const id = uuidv7();
      const customerversion = sent + n + 1;
      const attributes = { id, type: 'AddressChanged', source: '/profile', subject, customerversion };
      return { messageId: id, properties: toApplicationProperties(attributes), body };
    });
    await client.sendBatch(data, { partitionId: String(partition) });
    await delay(pauseMs);
  }
}

function customerOf(partition: number): string {
  for (;;) {
    const id = randomUUID();
    if (partitionForKey(id, partitions) === partition) return id;
  }
}
