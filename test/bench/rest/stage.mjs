// Profile with PostgreSQL, engine and relay, nobody reading; and the peers, on a database of the same PostgreSQL.
import path from 'node:path';
import { startPostgres } from '@app/database/embedded';
import { testIssuer } from '@app/testing';
import { query } from '../consumer/stage.mjs';
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

const root = path.join(import.meta.dirname, '../../..');
const peer = path.join(import.meta.dirname, 'peer.mjs');
/** As apps/local starts every service (composition.ts). */
const smallHeap = ['--max-old-space-size=192', '--max-semi-space-size=8', '--heap-growing-percent=100'];
const PARTITIONS = 4;

export class Stage {
  /** What is to be ended, the last first. */
  #endings = [];

  static async open() {
    const stage = new Stage();
    const folder = await temporaryFolder();
    stage.#endings.push(() => removeFolder(folder));
    const dataDir = path.join(folder, 'postgres');
    stage.postgres = await startPostgres({ dataDir, port: await freePort(), password: 'bench' });
    stage.#endings.push(() => stage.postgres.stop());
    for (const name of ['profile', 'peers'])
      await query(stage.postgres.url('postgres'), `CREATE DATABASE ${name}`);
    const engine = await startEngine(folder, { 'customer-events': PARTITIONS });
    stage.#endings.push(() => end(engine.child));
    await stage.#startProfile(engine.port);
    return stage;
  }

  async #startProfile(enginePort) {
    const issuer = await testIssuer();
    this.#endings.push(() => issuer.remove());
    this.token = await issuer.token();
    const port = await freePort();
    const env = {
      ...process.env,
      ...issuer.client,
      DATABASE_URL: this.postgres.socketUrl('profile'),
      SECRETS_DIR: issuer.secretsDir,
      PROFILE_PORT: String(port),
      AUTH_JWKS_URL: `http://127.0.0.1:${port}/.well-known/jwks.json`,
      AUTH_TOKEN_URL: `http://127.0.0.1:${port}/oauth/token`,
      RATE_LIMIT_PER_SECOND: '1000000',
      LOG_FORMAT: 'json',
      EVENTHUBS_CONNECTION_STRING:
        `Endpoint=sb://127.0.0.1:${enginePort};SharedAccessKeyName=RootManageSharedAccessKey;` +
        'SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;',
    };
    const program = path.join(root, 'apps/profile/dist/main.js');
    const nodeOptions = [...smallHeap, ...(process.env.PROFILE_NODE_OPTIONS?.split(' ') ?? [])];
    const stdio = ['ignore', 'ignore', 'inherit', 'ipc'];
    const child = start(process.execPath, [...nodeOptions, program], { cwd: root, env, stdio }, 'SIGTERM');
    this.#endings.push(() => end(child));
    await nextMessage(child);
    this.port = port;
  }

  /** Starts one and answers its port. */
  async peer(/** @type {'insert' | 'save' | 'static'} */ kind) {
    const { child, ready } = await startNode(peer, [kind, this.postgres.socketUrl('peers')]);
    this.#endings.push(() => end(child));
    return ready.port;
  }

  /** The relay has nothing left: it would take from whoever is measured next. */
  async drained() {
    const sql = 'SELECT FROM outbox LIMIT 1';
    while ((await query(this.postgres.url('profile'), sql)).length > 0);
  }

  async close() {
    for (const ending of this.#endings.splice(0).toReversed()) await ending();
  }
}
