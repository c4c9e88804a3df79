// npm run bench: every group, or one. What the rows mean: docs/benchmarks.md.
import { refuse } from './arguments.mjs';
import { cleanUp, wasInterrupted } from './processes.mjs';

const groups = {
  engine: './engine/main.mjs',
  consumer: './consumer/main.mjs',
  rest: './rest/main.mjs',
  import: './import/main.mjs',
  search: './search/main.mjs',
  'event-grid': './event-grid/main.mjs',
  'service-bus': './service-bus/main.mjs',
};
const help = `npm run bench                          every group, some minutes; the machine should have nothing else to do
npm run bench -- engine [--rounds 5]   the engine beside its peers (Redis, where redis-server is installed)
                        [--quick]      fewer rounds and events: does it work, not how fast it is
                        [--only NAME,…]  publish, singles, fan-out, latency, client, memory
                        [--soak]       memory and catch-up with 10 million events (13 GB of disk, minutes)
npm run bench -- consumer [--rounds 3] consumers beside the bare client, under load, killed, one customer poisoned
                        [--quick] [--only NAME,…]  skip, apply, catch-up, takeover, latency
npm run bench -- rest [--rounds 5]     the profile API beside a bare INSERT, TypeORM's save() and a static answer
                        [--quick] [--only NAME,…]  create, read
npm run bench -- import [FILE]         from a file of customers to the last effect of every one; pages of the list
                        [--customers 1000000]  a file of so many made customers instead
npm run bench -- search [--customers 20000]  what people type, and likely duplicates, among so many made customers
                        [--questions 200] of each kind [--data DIR] kept, and found again
npm run bench -- event-grid [--events 10000] [--rounds 5]  webhooks to a quick handler, while another hangs
npm run bench -- service-bus [--rounds 5] [--commands 10000] [--quick]  commands sent, received and completed

SEED=N repeats what was drawn; TMPDIR=DIR puts the data on another disk. docs/benchmarks.md says what the rows mean.`;

const [name, ...rest] = process.argv.slice(2);
if (name === '--help' || rest.includes('--help')) {
  console.log(help);
} else if (name !== undefined && !(name in groups)) {
  refuse(`there is no group '${name}', only ${Object.keys(groups).join(', ')}`);
} else {
  const wanted = name === undefined ? Object.values(groups) : [groups[name]];
  const loaded = await Promise.all(wanted.map((file) => import(file)));
  const ready = loaded.map((group) => group.prepare(rest));
  try {
    for (const run of ready) await run();
  } catch (error) {
    if (!wasInterrupted()) console.error(`bench: ${error.stack}`);
    process.exitCode = 1;
  } finally {
    await cleanUp();
  }
}
