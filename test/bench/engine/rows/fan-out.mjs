import { drain as drainRedis, publish as publishToRedis } from '../peers/redis.mjs';
import { groups } from '../engine.mjs';
import { drain, publish } from '../traffic.mjs';
import { cpuRow, rateRow, runs } from './against-redis.mjs';
import { withSystems } from './with-systems.mjs';

/** Three groups catch up with what lies there, each over one connection; what a delivery costs the engine. */
export const fanOut = ({ rounds, sizes: { fanOut: events } }) =>
  withSystems({ partitions: 4, fsync: 'everysec' }, async (target, redis) => {
    await publish(target, { events, batch: 100, inFlight: 4 });
    if (redis) await publishToRedis(redis, { events, inFlight: 500 });
    const results = await runs(rounds, {
      engine: () => drain(target, { events, groups }),
      redis: redis && (() => drainRedis(redis, { events, groups })),
    });
    return [
      rateRow('deliver to 3 groups', 'Redis everysec', { must: 1.15 }, results),
      cpuRow('  engine CPU a delivery', { must: 2, reach: 1 }, results),
    ];
  });
