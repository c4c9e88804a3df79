import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { findBinaries } from './binaries.js';
import { ensureCluster } from './create-cluster.js';
import { explainFailure } from './errors.js';
import { type Identity, commandAs } from './identity.js';
import { endPredecessor, stopServer } from './postmaster.js';
import { serverSettings } from './settings.js';
import { overSocket, socketFolder } from './socket.js';

export interface PostgresOptions {
  /** The cluster's folder; made when it is missing. One server at a time: a predecessor still running is stopped. */
  dataDir: string;
  port: number;
  /** Of the superuser `postgres`; takes effect when the cluster is made. */
  password: string;
  /** Settings beside {@link serverSettings}, by PostgreSQL's names. */
  settings?: Readonly<Record<string, string>>;
  /** Each line the server writes to its log. */
  onLog?: (line: string) => void;
}

export interface PostgresServer {
  pid: number;
  port: number;
  /** Connection string of the superuser, over TCP. */
  url(database: string): string;
  /** The same over the Unix socket, where there is one. */
  socketUrl(database: string): string;
  /** Fast shutdown, harder when it hangs; resolves when the process has ended, within 9 s unless told. */
  stop(withinMs?: number): Promise<void>;
  /** Immediate shutdown: no farewell to clients, recovery at the next start. Nothing committed is lost. */
  abandon(): void;
  /** Resolves when the server has ended, for whatever reason. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** How long to wait for the processes of a killed predecessor to let go of its shared memory. */
const sharedMemoryMs = 10_000;

/**
 * Starts a real PostgreSQL from the npm package and resolves once it takes connections on 127.0.0.1.
 *
 * It runs in a process group of its own, so that a terminal's Ctrl-C does not end it before its clients.
 *
 * @throws EmbeddedPostgresError with one clear line
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const dataDir = resolve(options.dataDir);
  const binaries = await findBinaries();
  await endPredecessor(dataDir);
  const identity = await ensureCluster(binaries, { ...options, dataDir });
  const deadline = Date.now() + sharedMemoryMs;
  for (;;) {
    const child = launch(binaries.postgres, identity, { ...options, dataDir });
    const said = await untilReady(child, options.onLog);
    if (said === 'ready') return handle(child, { ...options, dataDir });
    if (!said.some((line) => line.includes('pre-existing shared memory block')) || Date.now() > deadline)
      throw explainFailure(said, { dataDir, port: options.port });
    await delay(200);
  }
}

function launch(postgres: string, identity: Identity, options: PostgresOptions): ChildProcess {
  const { dataDir, port } = options;
  const own = { unix_socket_directories: socketFolder(dataDir, port) ?? '', ...options.settings };
  const settings = Object.entries({ ...serverSettings, ...own }).map(([name, value]) => `--${name}=${value}`);
  const where = ['-D', dataDir, `--port=${port}`];
  const [command, args] = commandAs(identity, postgres, [...where, ...settings]);
  const env = { PATH: process.env.PATH, TZ: 'UTC' };
  return spawn(command, args, {
    ...identity.spawnAs,
    cwd: '/',
    env,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** 'ready', or the lines it said before it gave up. */
async function untilReady(child: ChildProcess, onLog?: (line: string) => void): Promise<'ready' | string[]> {
  if (!child.stderr) throw new Error('PostgreSQL was started without a pipe for its log');
  const said: string[] = [];
  const lines = createInterface({ input: child.stderr });
  const ready = new Promise<'ready'>((resolve) => {
    lines.on('line', (line) => {
      onLog?.(line);
      if (said.length < 200) said.push(line);
      if (line.includes('database system is ready to accept connections')) resolve('ready');
    });
  });
  const ended = Promise.all([once(child, 'exit'), once(lines, 'close')]).then(() => said);
  return Promise.race([ready, ended]);
}

function handle(child: ChildProcess, { dataDir, port, password }: PostgresOptions): PostgresServer {
  const { pid = -1 } = child;
  const exited = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  const url = (database: string) =>
    `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  return {
    pid,
    port,
    exited,
    url,
    socketUrl: (database) => overSocket(url(database), socketFolder(dataDir, port)),
    stop: (withinMs) => stopServer((signal) => child.kill(signal), exited, withinMs),
    abandon: () => void child.kill('SIGQUIT'),
  };
}
