import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from '@app/testing';
import { Client } from 'pg';
import { Platform } from '../../support/platform.js';
import { check } from '../checker/check.js';
import type { Run } from '../checker/report.js';
import { watchPositionsSql } from '../checker/watch-positions.sql.js';
import { type Observed, untilSettled } from '../platform/settled.js';
import { connectionStringAt, consumerNames, databaseOf } from '../platform/torture-platform.js';
import { readTruth } from '../platform/truth.js';
import { Caller } from '../workload/caller.js';
import { CustomerClient } from '../workload/customer-client.js';
import { HistoryFile } from '../workload/history-file.js';
import { Writers } from '../workload/writers.js';
import { atTheSignal, told, truncated } from './accepted.js';

const patienceMs = 120_000;
/** Here each service has a role of its own, whose transactions write into the watching table. */
const openToServices =
  'GRANT ALL ON torture_movement TO PUBLIC; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO PUBLIC';

export interface CtrlCOptions {
  seed: number;
  /** Acknowledged before the first Ctrl-C, and between two. */
  writes: number;
  customers: number;
  times: number;
}

/** What `npm start` runs is interrupted while clients write, and started again where it was. */
export async function ctrlC({ seed, writes, customers, times }: CtrlCOptions): Promise<Run> {
  const random = new Random(seed);
  let platform = await Platform.start();
  const clients: Client[] = [];
  const caller = new Caller(platform.url('profile'));
  try {
    const observed = await observe(platform, clients);
    for (const consumer of consumerNames)
      await (await observed.sql(consumer)).query(`${watchPositionsSql}; ${openToServices}`);
    const history = new HistoryFile(join(platform.env.DATA_DIR, 'writers.jsonl'), 'writers');
    const client = new CustomerClient(caller, platform.bearer, history);
    const writers = new Writers(client, { customers, writers: 8 }, random.fork());
    let [slowestMs, orderly, accepted] = [0, 0, 0];
    const failed: string[] = [];
    for (let n = 0; n < times; n++) {
      await writers.reached(writers.acknowledged + writes);
      await Promise.all(clients.splice(0).map((sql) => sql.end()));
      const signalMs = performance.now();
      const { ms, code } = await platform.interrupt();
      const asked = atTheSignal(caller.exchanges, signalMs);
      accepted += asked.accepted.length;
      failed.push(...asked.failed.map(told));
      failed.push(
        ...platform
          .output()
          .split('\n')
          .filter((line) => line.includes('did not end within')),
      );
      slowestMs = Math.max(slowestMs, ms);
      if (code === 0) orderly++;
      platform = await Platform.start(platform);
    }
    await writers.reached(writers.acknowledged + writes);
    await writers.stop();
    history.close();
    const again = await observe(platform, clients);
    const { ms, left } = await untilSettled(again, patienceMs);
    const truth = await readTruth(again);
    // The launcher gives connections no names of their own: who held a partition cannot be told by them.
    const groups = (truth.groups ?? []).map((group) => Object.assign(group, { leases: [] }));
    const findings = check({ ...truth, groups, history: history.entries });
    const cut = truncated(caller.exchanges).map(told);
    const figures = {
      interrupts: times,
      'exits with code 0': orderly,
      'slowest exit, ms': Math.round(slowestMs),
      writes: writers.acknowledged,
      'requests at a signal': accepted,
      'failed of them': failed.join(', '),
      'cut short': cut.join(', '),
      'ms to drain': Math.round(ms),
      left: left.join(', '),
    };
    return { name: 'T24 Ctrl-C', seed, figures, findings };
  } finally {
    caller.close();
    await Promise.all(clients.map((sql) => sql.end()));
    await platform.stop();
  }
}

async function observe(platform: Platform, clients: Client[]): Promise<Observed> {
  const { DATA_DIR, BROKER_AMQP_PORT, POSTGRES_PORT } = platform.env;
  const password = (await readFile(join(DATA_DIR, 'secrets/postgres-password'), 'utf8')).trim();
  return {
    connectionString: connectionStringAt(Number(BROKER_AMQP_PORT)),
    token: platform.bearer,
    url: (name) => platform.url(name),
    sql: async (service) => {
      const server = { host: '127.0.0.1', port: Number(POSTGRES_PORT), user: 'postgres', password };
      const client = new Client({ ...server, database: databaseOf(service) });
      client.on('error', () => undefined);
      clients.push(client);
      await client.connect();
      return client;
    },
  };
}
