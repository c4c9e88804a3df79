import { beside } from '../../engine/beside.mjs';
import { judge, median, perSecond, rate, spread } from '../../report.mjs';
import { cpuOf, runOf } from '../figures.mjs';
import { Stage } from '../stage.mjs';

const goals = {
  each: { what: 'apply, a handler an event', target: '≥ 6,000/s, aim 8,000/s', must: 6_000, reach: 8_000 },
  perCustomer: {
    what: 'apply, a handler an event, perCustomer',
    target: '≥ 6,000/s, aim 8,000/s',
    must: 6_000,
    reach: 8_000,
  },
  batch: { what: 'apply, set-based', target: '≥ 12,000/s, aim 20,000/s', must: 12_000, reach: 20_000 },
};

/** Upserts of 10,000 customers by one process, an event at a time and a batch at a time; sealed data and plain ones. */
export async function apply({ rounds, sizes: { each, batch } }) {
  const hubs = ['sealed', 'plain'];
  const stage = await Stage.open({ hubs, customers: 10_000 });
  for (const kind of hubs) await stage.publisher(kind).publish(Math.max(each, batch), kind);
  const run = (mode, events, hub) => () =>
    runOf(stage.consumer(mode, { hub, limits: { events, after: events / 4 } }));
  const all = {
    each: run('each', each, 'sealed'),
    perCustomer: run('perCustomer', each, 'sealed'),
    batch: run('batch', batch, 'sealed'),
    eachPlain: run('each', each, 'plain'),
    perCustomerPlain: run('perCustomer', each, 'plain'),
    batchPlain: run('batch', batch, 'plain'),
  };
  const results = await beside(rounds, all, { uncounted: 0 });
  await stage.close();
  return Object.keys(goals).flatMap((name) => rowsOf(goals[name], results[name], results[`${name}Plain`]));
}

/** The target is that of sealed events; what opening them costs shows in the difference. */
function rowsOf({ what, target, ...limits }, sealed, plain) {
  const of = (runs) => {
    const all = runs.map(perSecond);
    return { all, measured: `${rate(median(all))} (${spread(all, 0)}), ${cpuOf(runs)}` };
  };
  const { all, measured } = of(sealed);
  return [
    { what: `${what}, sealed data`, target, measured, verdict: judge(median(all), limits) },
    { what: `${what}, plain data`, measured: of(plain).measured },
  ];
}
