import { beside, ratios } from '../../engine/beside.mjs';
import { judge, median, perSecond, rate, spread } from '../../report.mjs';
import { cpuOf, runOf } from '../figures.mjs';
import { Stage } from '../stage.mjs';

/** Events that nobody wants, against the client that does nothing but fetch them: the same events, a new process each. */
export async function skip({ rounds, sizes: { skip: events } }) {
  const stage = await Stage.open({ customers: 1_000 });
  await stage.publisher().publish(events);
  const limits = { events, after: events / 4 };
  const all = {
    bare: () => runOf(stage.bare({ limits })),
    type: () => runOf(stage.consumer('skip', { limits })),
    filter: () => runOf(stage.consumer('filter', { limits })),
  };
  const sides = await beside(rounds, all, { uncounted: 0 });
  await stage.close();
  return [
    {
      ...rowOf('skip by type', sides.type, sides.bare, { must: 0.6, reach: 0.75 }),
      target: '≥ 0.6 × the bare client, aim 0.75 ×',
    },
    rowOf('skip by a filter on subject', sides.filter, sides.bare),
  ];
}

function rowOf(what, runs, bare, limits) {
  const all = ratios(runs.map(perSecond), bare.map(perSecond));
  const figures = (side) => `${rate(median(side.map(perSecond)))}, ${cpuOf(side)}`;
  return {
    what,
    measured: `${figures(runs)}, ${median(all).toFixed(2)} × (${spread(all)})`,
    beside: figures(bare),
    verdict: limits && judge(median(all), limits),
  };
}
