// Webhooks through the whole platform: so many events published at once, to a handler that is quick, while another hangs.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { readArguments, whole } from '../arguments.mjs';
import { startPlatform } from '../import/platform.mjs';
import { childrenOf, cpuSeconds, end, removeFolder, temporaryFolder } from '../processes.mjs';
import { judge, median, printHeading, printTable, rate, spread } from '../report.mjs';

const BATCH = 100;
/** The local one of docs/event-grid.md. */
const KEY = 'TE9DQUxfRVZFTlRfR1JJRF9LRVk=';

/** Reads the command line; answers what runs the rows. */
export function prepare(/** @type {string[]} */ args) {
  const { values } = readArguments(
    { events: { type: 'string', default: '10000' }, rounds: { type: 'string', default: '5' } },
    args,
  );
  return () => run(whole(values, 'events'), whole(values, 'rounds'));
}

async function run(events, rounds) {
  printHeading(`Event Grid: ${events.toLocaleString('en')} events pushed, ${rounds} rounds, medians`);
  const folder = await temporaryFolder();
  const platform = await startPlatform(folder);
  const quick = await startHandler((response) => response.writeHead(200).end());
  const hanging = await startHandler(() => undefined);
  const base = `http://127.0.0.1:${platform.env.EVENT_GRID_PORT}`;
  const measured = { alone: [], beside: [], service: [], database: [] };
  try {
    await subscribe(platform, base, 'quick', quick.url, 'Bench');
    for (let round = 0; round < rounds; round++) {
      measured.alone.push(await push(base, quick, events));
      await subscribe(platform, base, 'hanging', hanging.url, 'Bench');
      const before = processorTime(platform.launcher.pid);
      measured.beside.push(await push(base, quick, events));
      const after = processorTime(platform.launcher.pid);
      for (const name of ['service', 'database'])
        measured[name].push(((after[name] - before[name]) * 1e6) / events);
      await call(platform, base, 'DELETE', 'hanging');
    }
  } finally {
    quick.close();
    hanging.close();
    await end(platform.launcher);
    await removeFolder(folder);
  }
  const row = (what, values) => ({
    what,
    target: '≥ 1,000/s',
    measured: `${rate(median(values))} (${spread(values, 0)})`,
    verdict: judge(median(values), { must: 1_000 }),
  });
  const time = (what, values) => ({
    what,
    measured: `${Math.round(median(values))} µs (${spread(values, 0)})`,
  });
  printTable([
    row('published to delivered, one handler', measured.alone),
    row('… while another hangs, and wants the same', measured.beside),
    time('processor time of event-grid for each event then', measured.service),
    time('… of PostgreSQL', measured.database),
  ]);
  console.log(`\nnpm run bench -- event-grid --events ${events} --rounds ${rounds}`);
}

/** Of event-grid, and of the whole of PostgreSQL, in seconds. */
function processorTime(/** @type {number} */ launcher) {
  const commandOf = (pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  const children = childrenOf(launcher);
  const service = children.find((pid) => commandOf(pid).includes('apps/event-grid/'));
  const postmaster = children.find((pid) => /bin\/postgres\b/.test(commandOf(pid)));
  if (!service || !postmaster)
    throw new Error('event-grid or PostgreSQL is not among the launcher’s processes');
  const backends = childrenOf(postmaster).reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  return { service: cpuSeconds(service), database: backends };
}

/** Agrees to every handshake. */
async function startHandler(take) {
  const handler = { taken: 0 };
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (request.method === 'OPTIONS') response.writeHead(200, { 'webhook-allowed-origin': '*' }).end();
      else {
        handler.taken++;
        take(response);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  handler.url = `http://127.0.0.1:${server.address().port}/`;
  handler.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return handler;
}

async function call({ env }, base, method, name, body) {
  const headers = {
    authorization: `Bearer ${env.TOKEN}`,
    ...(body && { 'content-type': 'application/json' }),
  };
  const answer = await fetch(`${base}/v1/event-subscriptions/${name}`, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${name} answered ${answer.status}: ${await answer.text()}`);
}

const subscribe = (platform, base, name, endpointUrl, type) =>
  call(platform, base, 'PUT', name, {
    destination: { endpointType: 'WebHook', properties: { endpointUrl } },
    filter: { includedEventTypes: [type] },
  });

/** Publishes, four batches at once, until every event has come. @returns events a second */
async function push(base, handler, events) {
  const until = handler.taken + events;
  const started = performance.now();
  let published = 0;
  const publisher = async () => {
    while (published < events) {
      const first = published;
      const count = Math.min(BATCH, events - first);
      published += count;
      const body = Array.from({ length: count }, (_, n) => ({
        specversion: '1.0',
        id: `${started}-${first + n}`,
        type: 'Bench',
        source: '/bench',
        data: { text: 'x'.repeat(900) },
      }));
      const answer = await fetch(`${base}/api/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/cloudevents-batch+json', 'aeg-sas-key': KEY },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`publishing answered ${answer.status}: ${await answer.text()}`);
    }
  };
  await Promise.all(Array.from({ length: 4 }, publisher));
  while (handler.taken < until) await new Promise((resolve) => setTimeout(resolve, 5));
  return (events / (performance.now() - started)) * 1000;
}
