// What a row needs: an engine, a PostgreSQL that syncs, keys, and consumers in processes of their own.
import path from 'node:path';
import { startPostgres } from '@app/database/embedded';
import { Client } from 'pg';
import { startEngine } from '../engine/engine.mjs';
import { freePort, end, removeFolder, temporaryFolder } from '../processes.mjs';
import { makeCustomers, PARTITIONS, Publisher } from './events.mjs';
import { startKeyService } from './key-service.mjs';
import { Worker } from './worker.mjs';

const programs = path.join(import.meta.dirname, 'process');
/** As apps/local starts every service (composition.ts). */
const smallHeap = ['--max-old-space-size=192', '--max-semi-space-size=8'];
const open = new Set();

/** Ends what a row that failed has left. */
export async function closeStages() {
  for (const stage of open) await stage.close();
}

/** Rows, over a connection that is gone afterwards. */
export async function query(/** @type {string} */ url, /** @type {string} */ sql, values = []) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}

export class Stage {
  /** What is to be ended, the last first. */
  #endings = [];
  #publishers = new Map();
  #databases = 0;

  /** @param {{ hubs?: string[], customers: number }} options */
  static async open({ hubs = ['bench'], customers }) {
    const stage = new Stage();
    open.add(stage);
    await stage.#start(hubs);
    stage.customers = makeCustomers(customers);
    return stage;
  }

  async #start(hubs) {
    const folder = await temporaryFolder();
    this.#endings.push(() => removeFolder(folder));
    const dataDir = path.join(folder, 'postgres');
    this.postgres = await startPostgres({ dataDir, port: await freePort(), password: 'bench' });
    this.#endings.push(() => this.postgres.stop());
    const engine = await startEngine(folder, Object.fromEntries(hubs.map((hub) => [hub, PARTITIONS])));
    this.#endings.push(() => end(engine.child));
    this.connectionString =
      `Endpoint=sb://127.0.0.1:${engine.port};SharedAccessKeyName=RootManageSharedAccessKey;` +
      'SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;';
    this.keys = await startKeyService();
    this.#endings.push(() => this.keys.close());
  }

  publisher(hub = 'bench') {
    const known = this.#publishers.get(hub);
    if (known) return known;
    const publisher = new Publisher(this.connectionString, hub, this.customers);
    this.#publishers.set(hub, publisher);
    this.#endings.push(() => publisher.close());
    return publisher;
  }

  /** A database of its own; answers its connection string. */
  async database() {
    const name = `bench_${this.#databases++}`;
    await query(this.postgres.url('postgres'), `CREATE DATABASE ${name}`);
    return this.postgres.socketUrl(name);
  }

  /**
   * Starts the bench's consumer, which reads the hub from where its database says.
   * @param {keyof typeof import('./process/handlers.mjs').modes} mode
   * @param {{ hub?: string, databaseUrl?: string, limits?: object, nodeOptions?: string[] }} options
   */
  async consumer(mode, { hub = 'bench', databaseUrl, limits, nodeOptions = [] } = {}) {
    const env = {
      ...process.env,
      DATABASE_URL: databaseUrl ?? (await this.database()),
      EVENTHUBS_CONNECTION_STRING: this.connectionString,
      EVENTHUB_NAME: hub,
      PROFILE_URL: this.keys.url,
      AUTH_TOKEN_URL: `${this.keys.url}/oauth/token`,
      AUTH_CLIENT_ID: 'bench',
      AUTH_CLIENT_SECRET: 'bench',
    };
    const args = [mode, 'one', ...(limits ? [JSON.stringify(limits)] : [])];
    return this.#worker([...nodeOptions, path.join(programs, 'consumer.mjs'), ...args], env);
  }

  bare({ hub = 'bench', limits }) {
    const args = [this.connectionString, hub, JSON.stringify(limits)];
    return this.#worker([path.join(programs, 'bare.mjs'), ...args], process.env);
  }

  async #worker(args, env) {
    const worker = await Worker.start([...smallHeap, ...args], env);
    this.#endings.push(() => worker.end());
    return worker;
  }

  async close() {
    open.delete(this);
    for (const ending of this.#endings.splice(0).toReversed()) await ending();
  }
}
