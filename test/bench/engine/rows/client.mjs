import path from 'node:path';
import { judge, median, perSecond, rate, spread } from '../../report.mjs';
import { end, nextMessage, removeFolder, startNode, temporaryFolder } from '../../processes.mjs';
import { beside, ratios } from '../beside.mjs';
import { startEngine } from '../engine.mjs';

const folderOf = path.join(import.meta.dirname, '../client');
const CONNECTS = 20;
/** In which the client's code gets warm. */
const FIRST_CONNECTS = 5;

/** The unmodified client, one process: what it sends into the engine and into a server that discards; how fast it connects. */
export async function client({ rounds, sizes: { client: events } }) {
  const folder = await temporaryFolder();
  const engine = await startEngine(folder, { bench: 4 });
  const discarding = await startNode(path.join(folderOf, 'discard-server.mjs'));
  const { child } = await startNode(path.join(folderOf, 'client.mjs'));
  const tell = (command, port) => {
    const answer = nextMessage(child);
    child.send({ command, port, hub: 'bench', events });
    return answer;
  };
  const results = await beside(rounds, {
    engine: () => tell('send', engine.port),
    discard: () => tell('send', discarding.ready.port),
  });
  const connects = [];
  for (let i = 0; i < CONNECTS; i++) connects.push((await tell('connect', engine.port)).ms);
  for (const process of [child, discarding.child, engine.child]) await end(process);
  await removeFolder(folder);
  return [sendRow(results), connectRow(connects.slice(FIRST_CONNECTS))];
}

function sendRow({ engine, discard }) {
  const all = ratios(engine.map(perSecond), discard.map(perSecond));
  const ratio = median(all);
  return {
    what: '@azure/event-hubs, batches of 100',
    target: '≥ 0.9 × a server that discards, aim 1 ×',
    measured: `${rate(median(engine.map(perSecond)))}, ${ratio.toFixed(2)} × (${spread(all)})`,
    beside: rate(median(discard.map(perSecond))),
    verdict: judge(ratio, { must: 0.9, reach: 1 }),
  };
}

function connectRow(all) {
  const value = median(all);
  return {
    what: '@azure/event-hubs, connect to first ack',
    target: '≤ 20 ms, aim 13 ms',
    measured: `${value.toFixed(1)} ms (${spread(all, 1)})`,
    verdict: judge(value, { must: 20, reach: 13, atMost: true }),
  };
}
