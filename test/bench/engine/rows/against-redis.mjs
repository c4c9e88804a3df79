import { beside, ratios } from '../beside.mjs';
import { judge, median, perSecond, rate, spread } from '../../report.mjs';
import { redisIsMissing } from '../peers/redis-server.mjs';

/**
 * Runs a side of the engine and one of Redis beside each other.
 * @param {{ engine: () => Promise<Run>, redis?: () => Promise<Run> }} sides
 * @typedef {import('../traffic.mjs').Run} Run
 */
export const runs = (/** @type {number} */ rounds, { engine, redis }) =>
  beside(rounds, redis === undefined ? { engine } : { engine, redis });

/** A row of events a second, judged by the ratio to Redis. */
export function rateRow(what, peer, { must, reach, reachRate }, { engine, redis }) {
  const own = median(engine.map(perSecond));
  const aims = reachRate === undefined ? reach && `${reach} ×` : rate(reachRate);
  const target = `≥ ${must} × ${peer}${aims ? `, aim ${aims}` : ''}`;
  if (redis === undefined) return { what, target, measured: rate(own), beside: redisIsMissing };
  const all = ratios(engine.map(perSecond), redis.map(perSecond));
  const ratio = median(all);
  const ahead = reachRate === undefined || ratio < must || own >= reachRate;
  return {
    what,
    target,
    measured: `${rate(own)}, ${ratio.toFixed(2)} × (${spread(all)})`,
    beside: rate(median(redis.map(perSecond))),
    verdict: ahead ? judge(ratio, { must, reach: reachRate === undefined ? reach : must }) : 'met',
  };
}

const micros = ({ cpu, events }) => (cpu / events) * 1e6;

/** A row of the processor time that the engine takes for an event. */
export function cpuRow(what, { must, reach }, { engine, redis }) {
  const all = engine.map(micros);
  const value = median(all);
  return {
    what,
    target: `≤ ${must} µs, aim ${reach} µs`,
    measured: `${value.toFixed(2)} µs (${spread(all)})`,
    ...(redis && { beside: `${median(redis.map(micros)).toFixed(2)} µs` }),
    verdict: judge(value, { must, reach, atMost: true }),
  };
}
