import { setTimeout as pause } from 'node:timers/promises';
import { judge, median, spread } from '../../report.mjs';
import { nextEvent, PARTITIONS } from '../events.mjs';
import { query, Stage } from '../stage.mjs';

const CUSTOMERS = 400;
/** Of each partition; an event a partition each 20 ms. */
const EVERY_MS = 20;
const PATIENCE_MS = 60_000;

/** Partitions of a process that is killed, and of one that stands still, move to the other; nothing is lost or doubled. */
export async function takeover({ rounds }) {
  const stage = await Stage.open({ customers: CUSTOMERS });
  const databaseUrl = await stage.database();
  const join = async () => {
    const consumer = await stage.consumer('note', { databaseUrl });
    await consumer.ask('tell');
    return consumer;
  };
  let pair = [await join(), await join()];
  const traffic = startTraffic(stage);
  const times = { SIGKILL: [], SIGSTOP: [] };
  for (let round = 0; round < rounds; round++) {
    await balanced(pair);
    times.SIGKILL.push(await moved(pair, 'SIGKILL'));
    pair = [pair[1], await join()];
    await balanced(pair);
    times.SIGSTOP.push(await moved(pair, 'SIGSTOP'));
    pair[0].child.kill('SIGCONT');
    pair.reverse();
  }
  await balanced(pair);
  await expectOnceInOrder(databaseUrl, await traffic.stop());
  await stage.close();
  return [
    rowOf('SIGKILL', times.SIGKILL, { target: '≤ 3 s, aim 1.5 s', must: 3, reach: 1.5 }),
    rowOf('SIGSTOP', times.SIGSTOP, { target: '≤ 8 s, aim 6 s', must: 8, reach: 6 }),
  ];
}

const rowOf = (signal, all, { target, ...limits }) => ({
  what: `partitions move after ${signal}`,
  target,
  measured: `${median(all).toFixed(1)} s (${spread(all, 1)})`,
  verdict: judge(median(all), { ...limits, atMost: true }),
});

function startTraffic(stage) {
  const { customers } = stage;
  const sender = stage.publisher();
  const stopping = new AbortController();
  let sent = 0;
  const one = async (_, partition) => {
    const mine = customers.filter((customer) => customer.partition === partition);
    for (let n = 0; !stopping.signal.aborted; n++) {
      await sender.send(partition, [nextEvent(mine[n % mine.length], 'sealed')]);
      sent++;
      await pause(EVERY_MS);
    }
  };
  const all = Promise.all(Array.from({ length: PARTITIONS }, one));
  all.catch(() => undefined); // stop() tells
  const stop = async () => {
    stopping.abort();
    await all;
    return sent;
  };
  return { stop };
}

/** Each of the two reads half of the partitions. */
async function balanced(pair) {
  await within(async () => {
    const read = await Promise.all(pair.map((consumer) => consumer.ask('partitions')));
    return read.every(({ length }) => length === PARTITIONS / pair.length);
  }, 'the two processes did not share the partitions evenly');
}

/** Seconds from the signal to the first until every partition of it has had an effect at the second. */
async function moved([first, second], signal) {
  const missing = new Set(await first.ask('partitions'));
  let last;
  const signalled = Date.now();
  second.onCommit = ({ partition, at }) => {
    if (missing.delete(partition)) last = at;
  };
  if (signal === 'SIGKILL') await first.kill(signal);
  else first.child.kill(signal);
  await within(() => missing.size === 0, `partitions ${[...missing].join(' and ')} did not move`);
  return (last - signalled) / 1000;
}

/** Each event once, and those of a customer in their order. */
async function expectOnceInOrder(databaseUrl, sent) {
  const look = () =>
    query(
      databaseUrl,
      `SELECT count(*)::int AS effects, count(DISTINCT event_id)::int AS events,
              count(*) FILTER (WHERE version <= before)::int AS reordered
         FROM (SELECT *, lag(version) OVER (PARTITION BY customer_id ORDER BY n) AS before FROM effect) e`,
    );
  let found;
  await within(async () => {
    [found] = await look();
    return found.events >= sent;
  }, 'events were lost');
  const { effects, events, reordered } = found;
  if (effects === sent && events === sent && reordered === 0) return;
  throw new Error(`of ${sent} events ${events} had ${effects} effects, ${reordered} out of order`);
}

async function within(holds, otherwise) {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${otherwise} within ${PATIENCE_MS / 1000} s`);
    await pause(50);
  }
}
