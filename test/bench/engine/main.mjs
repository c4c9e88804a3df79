// The engine beside its peers; the targets are those of the project's performance paper, said again in each row.
import { readArguments, refuse, whole } from '../arguments.mjs';
import { cleanUp, wasInterrupted } from '../processes.mjs';
import { printHeading, printTable } from '../report.mjs';
import { redisIsMissing } from './peers/redis-server.mjs';
import { catchUpAndMemory } from './rows/memory.mjs';
import { fanOut } from './rows/fan-out.mjs';
import { latency } from './rows/latency.mjs';
import { client } from './rows/client.mjs';
import { publishing, singles } from './rows/publish.mjs';

const sections = {
  publish: publishing,
  singles,
  'fan-out': fanOut,
  latency,
  client,
  memory: catchUpAndMemory,
};
/** Events of each row. */
const full = { publish: 200_000, singles: 60_000, fanOut: 100_000, latency: 1_500, client: 100_000 };
const memory = { few: 200_000, many: 2_000_000, soak: 10_000_000 };
const QUICK = 10;

/** Reads the command line; answers what runs the rows. */
export function prepare(/** @type {string[]} */ args) {
  const { values } = readArguments(
    {
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      soak: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
    args,
  );
  const names = values.only?.split(',') ?? Object.keys(sections);
  for (const name of names) {
    if (!(name in sections)) refuse(`--only knows ${Object.keys(sections).join(', ')}, not '${name}'`);
  }
  const rounds = values.rounds === undefined ? (values.quick ? 2 : 5) : whole(values, 'rounds');
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  if (!Number.isSafeInteger(seed)) refuse(`SEED=${process.env.SEED} is no whole number`);
  const scale = values.quick ? QUICK : 1;
  const scaled = ([name, events]) => [name, events / scale];
  const many = values.soak ? memory.soak : memory.many / scale;
  const sizes = { ...Object.fromEntries(Object.entries(full).map(scaled)), few: memory.few / scale, many };

  return async () => {
    printHeading(`The engine: 1 KiB events, durable, ${rounds} rounds beside each other, medians`);
    if (redisIsMissing) console.log(`! Redis: ${redisIsMissing}; rows that need it have no verdict.`);
    const rows = [];
    for (const name of names) {
      process.stderr.write(`${name} … `);
      const started = performance.now();
      rows.push(...(await rowsOf(name, { rounds, sizes, seed })));
      process.stderr.write(`${Math.round((performance.now() - started) / 1000)} s\n`);
    }
    printTable(rows);
    console.log(`\nSEED=${seed} npm run bench -- engine ${args.join(' ')}`.trimEnd());
  };
}

/** The rows of a section; one that fails costs its own rows, not those of the others. */
async function rowsOf(name, bench) {
  try {
    return await sections[name](bench);
  } catch (error) {
    if (wasInterrupted()) throw error;
    await cleanUp();
    process.exitCode = 1;
    return [{ what: name, measured: `failed: ${error.message}`, verdict: 'short' }];
  }
}
