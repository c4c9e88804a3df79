import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, Random, startBroker, testDatabase, testIssuer, workspaceRoot } from '@app/testing';
import { Client } from 'pg';
import { check } from '../checker/check.js';
import { readGroup } from '../checker/read-group.js';
import type { Run } from '../checker/report.js';
import { watchPositionsSql } from '../checker/watch-positions.sql.js';
import { LogObserver } from '../platform/log-observer.js';
import { Process } from '../platform/process.js';
import { readEffects, rowsOf } from '../platform/rows.js';
import { keepData } from '../support/runs.js';
import { EventSource } from './event-source.js';
import { storm, type StormPlan } from './storm.js';

const partitions = 8;
const workerCount = 4;
const expiryMs = 1_500;
const hub = {
  Name: 'customer-events',
  PartitionCount: partitions,
  ConsumerGroups: [{ Name: 'workers' }],
};
const config = {
  UserConfig: {
    NamespaceConfig: [{ Type: 'EventHub', Name: 'torture', Entities: [hub] }],
    LoggingConfig: { Type: 'Console' },
  },
};

/** Bugs that the storm always finds; `checkpoint-before-commit` needs a kill at the right moment, as every-break.ts has. */
export const consumerSabotages = [
  'no-epoch-check',
  'dedupe-by-offset',
  'dedupe-outside-transaction',
] as const;

export interface RebalancingOptions extends StormPlan {
  seed: number;
  sabotage?: (typeof consumerSabotages)[number];
  /** How long the workers may take to catch up after the storm. */
  drainMs?: number;
}

/** T11: workers that are killed, or stand still past their lease and then go on where they were. */
export async function rebalancing({
  seed,
  sabotage,
  drainMs = 60_000,
  ...plan
}: RebalancingOptions): Promise<Run> {
  const random = new Random(seed);
  const folder = await mkdtemp(join(tmpdir(), 'torture-'));
  await mkdir(join(folder, 'logs'));
  const [broker, database, issuer] = await Promise.all([
    startBroker({ config }),
    testDatabase(),
    testIssuer(),
  ]);
  const workers = Array.from({ length: workerCount }, (_, n) => {
    const name = `worker-${n + 1}`;
    return new Process({
      name,
      script: join(workspaceRoot, 'test/torture/consumer/worker.mjs'),
      logFile: join(folder, 'logs', `${name}.log`),
      nodeOptions: sabotage ? ['--import', join(workspaceRoot, 'test/torture/sabotage/preload.mjs')] : [],
      env: (start) => ({
        HOST: '127.0.0.1',
        LOG_FORMAT: 'json',
        OWNERSHIP_EXPIRY_MS: String(expiryMs),
        HANDLER_MS: '20',
        DATABASE_URL: `${database.url}?application_name=${name}.${start}`,
        EVENTHUBS_CONNECTION_STRING: broker.connectionString,
        ...issuer.client,
        ...(sabotage && { TORTURE_SABOTAGE: sabotage }),
      }),
    });
  });
  const sql = new Client({ connectionString: database.url });
  let keep = keepData();
  try {
    await workers[0]?.start();
    await sql.connect();
    await sql.query(watchPositionsSql);
    await Promise.all(workers.slice(1).map((worker) => worker.start()));
    const settings = { connectionString: broker.connectionString, eventHubName: hub.Name };
    const source = new EventSource(settings, partitions, random.fork());
    const stormed = await storm(workers, sql, plan, random.fork());
    await source.stop();
    const stopped = performance.now();
    const observer = new LogObserver('reader at the end', broker.connectionString);
    await eventually(() => observer.seen.length >= source.sent, { timeoutMs: 30_000 });
    const settled = await caughtUp(sql, observer, drainMs);
    const ms = performance.now() - stopped;
    await observer.close();
    const effects = await readEffects(sql, 'workers');
    const group = await readGroup(rowsOf(sql), 'workers');
    const findings = check({ log: observer.seen, groups: [group], effects: [effects] });
    keep ||= findings.length > 0 && !sabotage;
    const figures = {
      ...stormed,
      records: observer.seen.length,
      'sent again': observer.seen.length - new Set(observer.seen.map(({ eventId }) => eventId)).size,
      effects: effects.eventIds.length,
      'ms to catch up': Math.round(ms),
      'caught up': String(settled),
    };
    return { name: 'T11 rebalancing', seed, figures, findings, ...(keep && { keptAt: folder }) };
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await sql.end();
    await broker.stop();
    await database.drop();
    await issuer.remove();
    if (!keep) await rm(folder, { recursive: true, force: true });
  }
}

async function caughtUp(sql: Client, { seen }: LogObserver, timeoutMs: number): Promise<boolean> {
  const ends = new Map<string, number>();
  for (const { partition, sequenceNumber } of seen)
    ends.set(partition, Math.max(sequenceNumber, ends.get(partition) ?? -1));
  const behind = async () => {
    const { rows } = await sql.query<{ partition: string; at: number }>(
      'SELECT partition_id AS partition, sequence_number::float8 AS at FROM partition_position',
    );
    const at = new Map(rows.map((row) => [row.partition, row.at]));
    return [...ends].some(([partition, end]) => (at.get(partition) ?? -1) < end);
  };
  return eventually(async () => !(await behind()), { timeoutMs }).then(
    () => true,
    () => false,
  );
}
