// The raw load by hand, against an engine that runs:
//   node test/bench/engine/load.mjs --port N [--mode send|receive|both] [--hub customer-events] [--partitions 4]
//     [--batch 100] [--in-flight 4] [--events 200000] [--groups audit,console,search-indexer] [--pid PID]
// in-flight counts messages a partition; --batch 1 --in-flight 125 is 500 single sends. --pid adds the engine's CPU.
import { readArguments, refuse, whole } from '../arguments.mjs';
import { rate } from '../report.mjs';
import { drain, publish } from './traffic.mjs';

const { values } = readArguments({
  port: { type: 'string' },
  mode: { type: 'string', default: 'both' },
  hub: { type: 'string', default: 'customer-events' },
  partitions: { type: 'string', default: '4' },
  batch: { type: 'string', default: '100' },
  'in-flight': { type: 'string', default: '4' },
  events: { type: 'string', default: '200000' },
  groups: { type: 'string', default: 'audit,console,search-indexer' },
  pid: { type: 'string' },
});

async function timed(what, run) {
  const { events, seconds, cpu } = await run();
  const each = Number.isNaN(cpu) ? '' : `, engine ${((cpu / events) * 1e6).toFixed(2)} µs each`;
  console.log(`${what}: ${rate(events / seconds)}${each}`);
}

const pid = values.pid === undefined ? undefined : whole(values, 'pid');
const target = { port: whole(values, 'port'), hub: values.hub, partitions: whole(values, 'partitions'), pid };
const events = whole(values, 'events');
const load = { events, batch: whole(values, 'batch'), inFlight: whole(values, 'in-flight') };
const groups = values.groups.split(',');
if (!['send', 'receive', 'both'].includes(values.mode)) refuse('--mode is send, receive or both');
try {
  if (values.mode !== 'receive') await timed('publish', () => publish(target, load));
  if (values.mode !== 'send') await timed('deliver', () => drain(target, { events, groups }));
} catch (error) {
  refuse(error.message);
}
