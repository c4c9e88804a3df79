import { judge, median, spread } from '../../report.mjs';
import { beside, ratios } from '../beside.mjs';
import { latencyOf } from '../latency.mjs';
import { redisIsMissing } from '../peers/redis-server.mjs';
import { openPath as openRedisPath } from '../peers/redis.mjs';
import { openPath } from '../traffic.mjs';
import { withSystems } from './with-systems.mjs';

const PER_SECOND = 500;
const P50_AIM_MS = 0.35;
const P99_MUST_MS = 2.4;

/** From send to arrival at 500 events a second, beside Redis that syncs before it delivers. */
export const latency = ({ rounds, sizes: { latency: events } }) =>
  withSystems({ partitions: 1, fsync: 'always' }, async (target, redis) => {
    const load = { perSecond: PER_SECOND, events };
    const own = () => latencyOf((onEvent) => openPath(target, onEvent), load);
    const peers = () => latencyOf((onEvent) => openRedisPath(redis, onEvent), load);
    const results = await beside(rounds, { engine: own, ...(redis && { redis: peers }) });
    return [p50Row(results), p99Row(results)];
  });

const ms = (/** @type {number} */ value) => `${value.toFixed(2)} ms`;

function p50Row({ engine, redis }) {
  const all = engine.map(({ p50 }) => p50);
  const row = {
    what: 'latency at 500/s, p50',
    target: `≤ Redis always, aim ${P50_AIM_MS} ms`,
    measured: `${ms(median(all))} (${spread(all)})`,
  };
  if (redis === undefined) return { ...row, beside: redisIsMissing };
  const others = redis.map(({ p50 }) => p50);
  const verdict = judge(median(ratios(all, others)), { must: 1, reach: 1, atMost: true });
  const ahead = verdict === 'ahead' && median(all) <= P50_AIM_MS;
  return { ...row, beside: ms(median(others)), verdict: verdict === 'ahead' && !ahead ? 'met' : verdict };
}

function p99Row({ engine, redis }) {
  const all = engine.map(({ p99 }) => p99);
  return {
    what: 'latency at 500/s, p99',
    target: `≤ ${P99_MUST_MS} ms`,
    measured: `${ms(median(all))} (${spread(all)})`,
    ...(redis && { beside: ms(median(redis.map(({ p99 }) => p99))) }),
    verdict: judge(median(all), { must: P99_MUST_MS, atMost: true }),
  };
}
