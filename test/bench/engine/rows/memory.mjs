import { statfs } from 'node:fs/promises';
import { Random } from '@app/testing';
import { judge, median, perSecond, rate, spread } from '../../report.mjs';
import { end, removeFolder, residentMiB, temporaryFolder } from '../../processes.mjs';
import { beside, ratios } from '../beside.mjs';
import { startEngine } from '../engine.mjs';
import { drain, publish } from '../traffic.mjs';

const PARTITIONS = 4;
const SMALL = 20_000;
/** Reads of a round, each of as many events as the small hub holds. */
const READS = 5;
/** An event on the disk, its header and index too, and some room. */
const DISK_BYTES_AN_EVENT = 1_300;
const SAMPLE_MS = 50;

/** What many events cost: memory, start, and the rate at which they are read, beside a hub with few. */
export async function catchUpAndMemory({ rounds, sizes: { few, many }, seed }) {
  const folder = await temporaryFolder();
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < (many + few) * DISK_BYTES_AN_EVENT) {
    const needed = Math.ceil(((many + few) * DISK_BYTES_AN_EVENT) / 2 ** 30);
    return [
      { what: `memory with ${count(many)} events`, measured: `not measured: needs ${needed} GiB of disk` },
    ];
  }
  const hubs = { large: PARTITIONS, small: PARTITIONS };
  const engine = await startEngine(folder, hubs);
  const target = engine.target('large');
  const load = { batch: 100, inFlight: 4 };
  const first = await memoryDuring(engine, async () => {
    await publish(target, { events: few, ...load });
    await drain(target, { events: few, groups: ['one'] });
  });
  const then = await memoryDuring(engine, async () => {
    await publish(target, { events: many - few, ...load });
    await drain(target, { events: few, groups: ['one'] });
  });
  await publish(engine.target('small'), { events: SMALL, ...load });

  const random = new Random(seed);
  const results = await beside(rounds, {
    large: () => reads(target, () => random.below((many - SMALL) / PARTITIONS) - 1),
    small: () => reads(engine.target('small'), () => -1),
  });
  await end(engine.child); // killed: the next start has to look at what it left
  const again = await startEngine(folder, hubs);
  const resident = residentMiB(again.child.pid);
  await end(again.child);
  await removeFolder(folder);
  return [
    memoryRow(few, first),
    growthRow(few, many, first, then),
    catchUpRow(many, results),
    {
      what: `start with ${count(many)} events, after a kill`,
      measured: `${Math.round(again.startMs)} ms, ${mib(resident)}`,
    },
  ];
}

const count = (/** @type {number} */ events) =>
  events >= 1e6 ? `${events / 1e6} million` : `${events / 1000} k`;

/** The memory of the engine while something is done to it, at its highest, and when it is done: MiB. */
async function memoryDuring({ child }, run) {
  let most = residentMiB(child.pid);
  const sample = () => (most = Math.max(most, residentMiB(child.pid)));
  const timer = setInterval(sample, SAMPLE_MS);
  try {
    await run();
    sample();
  } finally {
    clearInterval(timer);
  }
  return { most, atTheEnd: residentMiB(child.pid) };
}

/** Reads as many events as the small hub holds, some times, each time from places that `after` chooses. */
async function reads(target, after) {
  const runs = [];
  for (let i = 0; i < READS; i++) {
    const places = Array.from({ length: PARTITIONS }, after);
    runs.push(await drain(target, { events: SMALL, groups: ['one'], after: places }));
  }
  const sum = (name) => runs.reduce((total, run) => total + run[name], 0);
  return { events: sum('events'), seconds: sum('seconds') };
}

const mib = (/** @type {number} */ value) => `${Math.round(value)} MiB`;

const memoryRow = (few, { most, atTheEnd }) => ({
  what: `memory, highest, to ${count(few)} events`,
  target: '≤ 110 MiB, aim 90 MiB',
  measured: `${mib(most)} (${mib(atTheEnd)} at the end)`,
  verdict: judge(most, { must: 110, reach: 90, atMost: true }),
});

const growthRow = (few, many, first, then) => ({
  what: `  growth from there to ${count(many)}`,
  target: '≤ 15 MiB',
  measured: `${mib(then.most - first.most)} (${mib(then.atTheEnd)} at the end)`,
  verdict: judge(then.most - first.most, { must: 15, atMost: true }),
});

function catchUpRow(many, { large, small }) {
  const all = ratios(large.map(perSecond), small.map(perSecond));
  const ratio = median(all);
  return {
    what: `catch-up among ${count(many)} events`,
    target: `≥ 0.9 × among ${count(SMALL)}, aim 1 ×`,
    measured: `${rate(median(large.map(perSecond)))}, ${ratio.toFixed(2)} × (${spread(all)})`,
    beside: rate(median(small.map(perSecond))),
    verdict: judge(ratio, { must: 0.9, reach: 1 }),
  };
}
