import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, start, temporaryFolder } from '../../processes.mjs';
import { RespConnection } from './resp.mjs';

export const redisIsMissing =
  spawnSync('redis-server', ['--version']).error === undefined
    ? undefined
    : 'not installed (apt-get install redis-server)';

const START_WITHIN_MS = 10_000;

/** Starts a Redis of our own that writes an append-only file: `always` syncs before it answers, `everysec` later. */
export async function startRedis(/** @type {'always' | 'everysec'} */ fsync) {
  const port = await freePort();
  const folder = await temporaryFolder();
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'yes',
    appendfsync: fsync,
    'auto-aof-rewrite-percentage': 0,
    daemonize: 'no',
  };
  const child = start(
    'redis-server',
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
  );
  const deadline = performance.now() + START_WITHIN_MS;
  for (;;) {
    try {
      const connection = await RespConnection.connect(port);
      await connection.command('PING');
      connection.close();
      return { child, folder, port, pid: child.pid };
    } catch (error) {
      if (performance.now() > deadline || child.exitCode !== null) throw error;
      await pause(20);
    }
  }
}
