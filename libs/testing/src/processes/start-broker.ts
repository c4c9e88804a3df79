import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SpawnedProcess, spawnUntilReady } from './spawn-until-ready.js';
import { workspaceRoot } from './start-service.js';

export interface BrokerOptions {
  /** A configuration file, or what it would hold; `config/eventhubs.json` and `config/servicebus.json` unless told. */
  config?: string | object;
  /** A folder that the caller cleans up; unless told a temporary one, which goes with `stop()`. */
  dataDir?: string;
  /** Free ports unless told. */
  amqpPort?: number;
  httpPort?: number;
  env?: Readonly<Record<string, string>>;
}

type Ready = { ready: true; amqpPort: number; httpPort: number };

export interface StartedBroker extends SpawnedProcess<Ready> {
  /** For the unmodified Azure clients. */
  connectionString: string;
  amqpPort: number;
  httpPort: number;
  dataDir: string;
  /** The same engine again after `kill`: same ports, same data. */
  restart(): Promise<StartedBroker>;
}

/** Starts the engine, `apps/broker`, as a process of its own. */
export async function startBroker(options: BrokerOptions = {}): Promise<StartedBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'broker-'));
  const files = await configFiles(options.config, folder);
  return launch({ ...options, files }, folder);
}

async function launch(options: BrokerOptions & { files: string[] }, folder: string): Promise<StartedBroker> {
  const { files, dataDir = join(folder, 'data') } = options;
  const configs = files.flatMap((file) => ['--config', file]);
  const ports = ['--port', String(options.amqpPort ?? 0), '--http-port', String(options.httpPort ?? 0)];
  const spawned = await spawnUntilReady<Ready>(join(workspaceRoot, 'apps/broker/dist/main.js'), {
    args: [...configs, '--data', dataDir, ...ports],
    env: { LOG_FORMAT: 'json', ...options.env },
  });
  const { amqpPort, httpPort } = spawned.ready;
  return {
    ...spawned,
    amqpPort,
    httpPort,
    dataDir,
    connectionString:
      `Endpoint=sb://127.0.0.1:${amqpPort};SharedAccessKeyName=RootManageSharedAccessKey;` +
      'SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;',
    restart: () => launch({ ...options, amqpPort, httpPort }, folder),
    stop: async () => {
      await spawned.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function configFiles(config: string | object | undefined, folder: string): Promise<string[]> {
  if (typeof config === 'string') return [config];
  if (config === undefined) {
    return ['config/eventhubs.json', 'config/servicebus.json'].map((name) => join(workspaceRoot, name));
  }
  const file = join(folder, 'eventhubs.json');
  await writeFile(file, JSON.stringify(config));
  return [file];
}
