import { flush, publish as publishToRedis } from '../peers/redis.mjs';
import { publish } from '../traffic.mjs';
import { cpuRow, rateRow, runs } from './against-redis.mjs';
import { withSystems } from './with-systems.mjs';

const BATCH = 100;
/** Batches on their way to a partition: the engine syncs some while others arrive. */
const BATCHES_IN_FLIGHT = 4;
const IN_FLIGHT = 500;
/** Rounds of the engine alone beforehand: V8 goes on compiling for about a million events, and a server is past that. */
const WARM_UP = 4;

/** Batches of 100 beside Redis that syncs each second, 500 in flight; what an event costs the engine. */
export const publishing = ({ rounds, sizes }) =>
  withSystems({ partitions: 4, fsync: 'everysec' }, async (target, redis) => {
    const load = { events: sizes.publish, batch: BATCH, inFlight: BATCHES_IN_FLIGHT };
    await publish(target, { ...load, events: WARM_UP * load.events });
    const results = await runs(rounds, {
      engine: () => publish(target, load),
      redis: redis && (() => fill(redis, sizes.publish)),
    });
    return [
      rateRow('publish in batches of 100', 'Redis everysec', { must: 1.1, reachRate: 120_000 }, results),
      cpuRow('  engine CPU an event', { must: 6, reach: 4 }, results),
    ];
  });

/** Single sends beside Redis that syncs before it answers, 500 in flight on both sides. */
export const singles = ({ rounds, sizes }) =>
  withSystems({ partitions: 4, fsync: 'always' }, async (target, redis) => {
    const load = { events: sizes.singles, batch: 1, inFlight: IN_FLIGHT / target.partitions };
    const results = await runs(rounds, {
      engine: () => publish(target, load),
      redis: redis && (() => fill(redis, sizes.singles)),
    });
    return [rateRow('single sends, 500 in flight', 'Redis always', { must: 1.15, reach: 1.5 }, results)];
  });

async function fill(redis, events) {
  const run = await publishToRedis(redis, { events, inFlight: IN_FLIGHT });
  await flush(redis);
  return run;
}
