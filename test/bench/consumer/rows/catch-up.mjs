import { residentMiB } from '../../processes.mjs';
import { judge, perSecond, rate } from '../../report.mjs';
import { cpuOf } from '../figures.mjs';
import { Stage } from '../stage.mjs';

const LOOK_MS = 100;

/** All that lies on the hub, sealed, by one process and its set-based handler: from the process's start to the last effect. */
export async function catchUp({ sizes: { catchUp: events } }) {
  const stage = await Stage.open({ customers: 10_000 });
  await stage.publisher().publish(events);
  const started = performance.now();
  const consumer = await stage.consumer('batch', { limits: { events, after: 0 } });
  const looks = [];
  const looking = setInterval(() => looks.push(residentMiB(consumer.pid)), LOOK_MS);
  try {
    const run = await consumer.said('run');
    const seconds = (performance.now() - started) / 1000;
    return rowsOf({ ...run, seconds }, looks);
  } finally {
    clearInterval(looking);
    await stage.close();
  }
}

function rowsOf(run, looks) {
  const { events, seconds } = run;
  const million = seconds * (1_000_000 / events);
  const highest = Math.max(...looks);
  const half = Math.max(...looks.slice(0, looks.length >> 1));
  const named = events === 1_000_000 ? '1 million events' : `${events.toLocaleString('en')} events`;
  return [
    {
      what: `${named} caught up, set-based`,
      target: '≤ 90 s a million, aim 60 s',
      measured: `${seconds.toFixed(1)} s, ${rate(perSecond(run))}, ${cpuOf([run])}`,
      verdict: judge(million, { must: 90, reach: 60, atMost: true }),
    },
    {
      what: '  memory meanwhile',
      target: '≤ 250 MiB, flat',
      measured: `${highest.toFixed(0)} MiB, ${half.toFixed(0)} in the first half`,
      verdict: judge(highest, { must: 250, atMost: true }),
    },
  ];
}
