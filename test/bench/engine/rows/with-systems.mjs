import { end, removeFolder, temporaryFolder } from '../../processes.mjs';
import { startEngine } from '../engine.mjs';
import { redisIsMissing, startRedis } from '../peers/redis-server.mjs';

/**
 * A fresh engine with one hub, and a fresh Redis where there is one, for one row.
 * @param {{ partitions: number, fsync: 'always' | 'everysec' }} options
 */
export async function withSystems({ partitions, fsync }, run) {
  const folder = await temporaryFolder();
  const engine = await startEngine(folder, { bench: partitions });
  const redis = redisIsMissing ? undefined : await startRedis(fsync);
  try {
    return await run(engine.target('bench'), redis);
  } finally {
    await end(engine.child);
    await removeFolder(folder);
    if (redis) {
      await end(redis.child);
      await removeFolder(redis.folder);
    }
  }
}
