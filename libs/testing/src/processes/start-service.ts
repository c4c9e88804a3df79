import { join } from 'node:path';
import { type SpawnOptions, type SpawnedProcess, spawnUntilReady } from './spawn-until-ready.js';

/** The clone's folder: libs/testing/src and libs/testing/dist lie equally deep. */
export const workspaceRoot = join(import.meta.dirname, '../../../..');

export interface StartedService extends SpawnedProcess<{ ready: true; port: number }> {
  port: number;
  url: string;
}

/**
 * Starts the built service `apps/NAME` as a process of its own, on a free port unless `env` says otherwise.
 *
 * @param env its environment: DATABASE_URL, EVENTHUBS_CONNECTION_STRING and so on
 */
export async function startService(
  name: string,
  env: Readonly<Record<string, string>>,
  options: Omit<SpawnOptions, 'env'> = {},
): Promise<StartedService> {
  const portVariable = `${name.toUpperCase().replaceAll('-', '_')}_PORT`;
  const spawned = await spawnUntilReady<{ ready: true; port: number }>(
    join(workspaceRoot, 'apps', name, 'dist/main.js'),
    { ...options, env: { [portVariable]: '0', HOST: '127.0.0.1', LOG_FORMAT: 'json', ...env } },
  );
  const { port } = spawned.ready;
  return { ...spawned, port, url: `http://127.0.0.1:${port}` };
}
