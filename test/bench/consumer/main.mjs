// Consumers on libs/consumer; the targets are those of the project's performance paper, said again in each row.
import { readArguments, refuse, whole } from '../arguments.mjs';
import { cleanUp, wasInterrupted } from '../processes.mjs';
import { printHeading, printTable } from '../report.mjs';
import { apply } from './rows/apply.mjs';
import { catchUp } from './rows/catch-up.mjs';
import { latency } from './rows/latency.mjs';
import { skip } from './rows/skip.mjs';
import { takeover } from './rows/takeover.mjs';
import { closeStages } from './stage.mjs';

const sections = { skip, apply, 'catch-up': catchUp, takeover, latency };
/** Events of each row and round. */
const full = { skip: 80_000, each: 32_000, batch: 64_000, catchUp: 1_000_000, writes: 2_000 };
const QUICK = 10;

/** Reads the command line; answers what runs the rows. */
export function prepare(/** @type {string[]} */ args) {
  const { values } = readArguments(
    {
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
    args,
  );
  const names = values.only?.split(',') ?? Object.keys(sections);
  for (const name of names) {
    if (!(name in sections)) refuse(`--only knows ${Object.keys(sections).join(', ')}, not '${name}'`);
  }
  const rounds = values.rounds === undefined ? (values.quick ? 1 : 3) : whole(values, 'rounds');
  const scale = values.quick ? QUICK : 1;
  const sizes = Object.fromEntries(Object.entries(full).map(([name, count]) => [name, count / scale]));

  return async () => {
    printHeading(`Consumers: events of about 1 KiB, four partitions, ${rounds} rounds, medians`);
    const rows = [];
    for (const name of names) {
      process.stderr.write(`${name} … `);
      const started = performance.now();
      rows.push(...(await rowsOf(name, { rounds, sizes, quick: values.quick })));
      process.stderr.write(`${Math.round((performance.now() - started) / 1000)} s\n`);
    }
    printTable(rows);
    console.log(`\nnpm run bench -- consumer ${args.join(' ')}`.trimEnd());
  };
}

/** The rows of a section; one that fails costs its own rows, not those of the others. */
async function rowsOf(name, bench) {
  try {
    return await sections[name](bench);
  } catch (error) {
    if (wasInterrupted()) throw error;
    await closeStages();
    await cleanUp();
    process.exitCode = 1;
    return [{ what: name, measured: `failed: ${error.message}`, verdict: 'short' }];
  }
}
