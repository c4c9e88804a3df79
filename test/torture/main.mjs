// npm run torture [-- --only T4,T11] [--seed N] [--soak] [--keep] [--list]
// The tests are Jest specs: NAME.spec.ts runs with every `npm test` at CI size, NAME.full.ts here only.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const folder = import.meta.dirname;
const usage = `npm run torture [-- OPTIONS]

  --only T4,T11   these tests
  --seed N        the run of this seed once more
  --soak          the long sizes: hours
  --keep          leave histories and databases in the temporary folder, whatever was found
  --list          which tests there are`;

function readOptions() {
  try {
    const boolean = /** @type {const} */ ({ type: 'boolean', default: false });
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        seed: { type: 'string' },
        soak: boolean,
        keep: boolean,
        list: boolean,
        help: boolean,
      },
    });
    if (values.seed !== undefined && !/^\d+$/.test(values.seed))
      throw new Error('--seed needs a whole number');
    return values;
  } catch (error) {
    console.error(`torture: ${error.message.split('. ')[0]}\n\n${usage}`);
    return process.exit(2);
  }
}

/** `t04-whole-system.spec.ts` is T4. */
const nameOf = (file) => `T${Number(/^t(\d+)/.exec(file)?.[1])}`;

const options = readOptions();
if (options.help) {
  console.log(usage);
  process.exit(0);
}
const files = (await readdir(folder)).filter((file) => /^t\d+.*\.(spec|full)\.ts$/.test(file)).toSorted();
if (options.list) {
  for (const file of files) console.log(`${nameOf(file).padEnd(4)} ${file}`);
  process.exit(0);
}
const wanted = options.only?.split(',').map((name) => name.trim().toUpperCase());
const unknown = wanted?.find((name) => !files.some((file) => nameOf(file) === name));
if (unknown) {
  console.error(`torture: there is no ${unknown}: ${[...new Set(files.map(nameOf))].join(', ')}`);
  process.exit(2);
}
const chosen = files.filter((file) => !wanted || wanted.includes(nameOf(file)));

const scratch = await mkdtemp(path.join(tmpdir(), 'torture-runs-'));
const runsFile = path.join(scratch, 'runs.jsonl');
await writeFile(runsFile, '');
const seed = options.seed ?? String(Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed}, ${chosen.length} tests, one after the other`);

const jest = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    path.join(folder, '../../node_modules/jest/bin/jest.js'),
    '--runInBand',
    '--testMatch',
    '**/test/torture/t*.(spec|full).ts',
    '--runTestsByPath',
    ...chosen.map((file) => path.join(folder, file)),
  ],
  {
    cwd: path.join(folder, '../..'),
    stdio: ['ignore', 'inherit', 'pipe'],
    env: {
      ...process.env,
      SEED: seed,
      TORTURE_SIZE: options.soak ? 'soak' : 'full',
      TORTURE_RUNS: runsFile,
      TORTURE_KEEP: options.keep ? '1' : '0',
    },
  },
);
// Jest tells of each test on stderr: only what failed is worth the space.
let told = '';
jest.stderr.on('data', (text) => (told += text));
process.on('SIGINT', () => jest.kill('SIGINT'));
const [code] = await once(jest, 'exit');
if (code !== 0) console.error(told);

const runs = (await readFile(runsFile, 'utf8'))
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line));
await rm(scratch, { recursive: true });
console.table(
  Object.fromEntries(
    runs.map(({ name, findings, keptAt = '' }) => [
      name,
      {
        found: findings.reduce((sum, { count }) => sum + count, 0),
        as: findings.map(({ anomaly }) => anomaly).join(', '),
        'kept in': keptAt,
      },
    ]),
  ),
);
console.log(code === 0 ? `all held (--seed ${seed})` : `failed: see above (--seed ${seed})`);
process.exitCode = code === 0 ? 0 : 1;
