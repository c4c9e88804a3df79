import { judge, median, spread } from '../../report.mjs';
import { removeFolder, temporaryFolder } from '../../processes.mjs';
import { ratios } from '../../engine/beside.mjs';
import { BenchPlatform } from '../platform/bench-platform.mjs';
import { quantile, writeSteadily } from '../platform/writes.mjs';

const PER_SECOND = 200;
const COLD_WRITES = 10 * PER_SECOND;

/**
 * From commit to effect at 200 writes a second through the whole platform; and the same with one customer whose events
 * the search cannot handle. A write in 20 is that customer's, in both; only the others are measured.
 */
export async function latency({ rounds, sizes: { writes } }) {
  const folder = await temporaryFolder();
  const platform = await BenchPlatform.start(folder);
  const load = { perSecond: PER_SECOND, writes };
  const cold = await measure(platform, { ...load, writes: Math.min(writes, COLD_WRITES) }, false);
  await measure(platform, { ...load, writes: 2 * writes }, false); // code gets warm
  const results = { healthy: [], poisoned: [] };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? ['healthy', 'poisoned'] : ['poisoned', 'healthy'];
    for (const name of order) results[name].push(await measure(platform, load, name === 'poisoned'));
  }
  await platform.end();
  await removeFolder(folder);
  return rowsOf(cold, results);
}

async function measure(platform, load, poisoned) {
  const hot = await platform.addCustomer();
  if (poisoned) await platform.poison(hot.id);
  const written = await writeSteadily(platform, load, hot);
  const waits = await platform.commitToEffect(written);
  if (poisoned) await platform.heal(hot.id);
  return { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) };
}

function rowsOf(cold, { healthy, poisoned }) {
  const of = (runs, name) => runs.map((run) => run[name]);
  const figures = (runs) =>
    ['p50', 'p99'].map((name) => `${name} ${median(of(runs, name)).toFixed(0)}`).join(', ') + ' ms';
  const [p50, p99] = [median(of(healthy, 'p50')), median(of(healthy, 'p99'))];
  const verdicts = new Set([
    judge(p50, { must: 60, reach: 35, atMost: true }),
    judge(p99, { must: 150, reach: 80, atMost: true }),
  ]);
  const worst = ['short', 'met', 'ahead'].find((verdict) => verdicts.has(verdict));
  const all = ratios(of(poisoned, 'p99'), of(healthy, 'p99'));
  return [
    {
      what: `commit to effect at ${PER_SECOND} writes/s`,
      target: 'p50 ≤ 60, p99 ≤ 150 ms, aim 35 and 80 ms',
      measured: `${figures(healthy)} (${spread(of(healthy, 'p99'), 0)})`,
      verdict: worst,
    },
    { what: '  in the first ten seconds after a start', measured: figures([cold]) },
    {
      what: '  with one customer poisoned',
      target: 'p99 of the others ≤ 2 ×',
      measured: `${figures(poisoned)}, ${median(all).toFixed(2)} × (${spread(all)})`,
      verdict: judge(median(all), { must: 2, atMost: true }),
    },
  ];
}
