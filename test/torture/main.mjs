// npm run torture [-- --only T4,T11] [--consumer NAME] [--seed N] [--soak] [--keep] [--list]
// The tests are Jest specs: NAME.spec.ts runs with every `npm test` at CI size, NAME.full.ts here only.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { handlersIn } from '../../tools/docs/handlers.mjs';
import { consumerSabotages } from './sabotage/consumer-sabotages.mjs';
import { handlerSabotages } from './sabotage/handler-sabotages.mjs';

const folder = import.meta.dirname;
const root = path.join(folder, '../..');
const bugs = Object.keys({ ...handlerSabotages, ...consumerSabotages });
const usage = `npm run torture [-- OPTIONS]

  --only T4,T11   these tests
  --consumer NAME one consumer, of yours or of here: docs/consumers.md
  --bug NAME      with --consumer: puts a bug into it, to see how it is found out
  --seed N        the run of this seed once more
  --soak          the long sizes: hours
  --keep          leave histories and databases in the temporary folder, whatever was found
  --list          which tests there are`;

/** Whose effects lie outside their databases: tests of their own look there. */
const elsewhere = { 'address-notifications': 'T12,T14', 'event-grid': 'T17' };

/** @throws {Error} unless it is a consumer that can be judged by its rows and events */
function refuseUnknown(name) {
  const consumers = [...new Set(handlersIn(root).map(({ app }) => app))];
  const named = consumers.filter((one) => !(one in elsewhere)).join(', ');
  if (name in elsewhere)
    throw new Error(
      `what ${name} does lies outside its database: npm run torture -- --only ${elsewhere[name]}`,
    );
  if (name === '') throw new Error(`--consumer needs a name: ${named}`);
  if (!consumers.includes(name))
    throw new Error(
      `there is no consumer "${name}": ${named}; or make one: npm run new:consumer -- ${/^[a-z][a-z-]*$/.test(name) ? name : 'loyalty'} --on AddressChanged`,
    );
}

/** @throws {Error} */
function refuseUnknownBug(name) {
  if (!bugs.includes(name)) throw new Error(`there is no bug "${name}": ${bugs.join(', ')}`);
}

function readOptions() {
  try {
    const boolean = /** @type {const} */ ({ type: 'boolean', default: false });
    // Alone it would be "argument missing".
    if (process.argv.at(-1) === '--consumer') refuseUnknown('');
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        consumer: { type: 'string' },
        bug: { type: 'string' },
        seed: { type: 'string' },
        soak: boolean,
        keep: boolean,
        list: boolean,
        help: boolean,
      },
    });
    if (values.seed !== undefined && !/^\d+$/.test(values.seed))
      throw new Error('--seed needs a whole number');
    if (values.consumer !== undefined && values.only !== undefined)
      throw new Error('--consumer and --only are two runs');
    if (values.consumer !== undefined) refuseUnknown(values.consumer);
    if (values.bug !== undefined && values.consumer === undefined)
      throw new Error('--bug needs a --consumer to put it into');
    if (values.bug !== undefined) refuseUnknownBug(values.bug);
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
const chosen = options.consumer
  ? ['consumer.full.ts']
  : files.filter((file) => !wanted || wanted.includes(nameOf(file)));

const scratch = await mkdtemp(path.join(tmpdir(), 'torture-runs-'));
const runsFile = path.join(scratch, 'runs.jsonl');
await writeFile(runsFile, '');
const seed = options.seed ?? String(Math.floor(Math.random() * 2 ** 31));
console.log(
  options.consumer
    ? `${options.consumer} under faults, and in peace: some minutes (seed ${seed})`
    : `seed ${seed}, ${chosen.length} tests, one after the other`,
);

/** A process each: what one test keeps in memory would cost the next one its pace. */
let jest;
let interrupted = false;
process.on('SIGINT', () => {
  interrupted = true;
  jest?.kill('SIGINT');
});

/** @returns what Jest said, unless all is well */
async function failureOf(/** @type {string} */ file) {
  jest = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      path.join(folder, '../../node_modules/jest/bin/jest.js'),
      '--runInBand',
      '--testMatch',
      '**/test/torture/*.(spec|full).ts',
      '--runTestsByPath',
      path.join(folder, file),
    ],
    {
      cwd: path.join(folder, '../..'),
      stdio: ['ignore', 'inherit', 'pipe'],
      env: {
        ...process.env,
        SEED: seed,
        TORTURE_SIZE: options.soak ? 'soak' : 'full',
        TORTURE_RUNS: runsFile,
        ...(options.consumer && { TORTURE_CONSUMER: options.consumer }),
        ...(options.bug && { TORTURE_BUG: options.bug }),
        TORTURE_KEEP: options.keep ? '1' : '0',
      },
    },
  );
  // Jest tells of each test on stderr: only what failed is worth the space.
  let told = '';
  jest.stderr.on('data', (text) => (told += text));
  const [code] = await once(jest, 'exit');
  return code === 0 ? undefined : told;
}

const failures = [];
for (const file of chosen) {
  const failure = interrupted ? undefined : await failureOf(file);
  if (failure !== undefined) failures.push(failure);
}
const code = failures.length > 0 || interrupted ? 1 : 0;
const runs = (await readFile(runsFile, 'utf8'))
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line));
await rm(scratch, { recursive: true });
process.exitCode = code;

const broken = runs.some(({ findings }) => findings.length > 0);
// What was found has been told; anything else that failed has not.
if (code !== 0 && !(options.consumer && broken)) console.error(failures.join('\n'));
if (options.consumer) {
  const { consumer, bug } = options;
  const again = `npm run torture -- --consumer ${consumer}${bug ? ` --bug ${bug}` : ''} --seed ${seed}`;
  if (code === 0) console.log(`${consumer} held: nothing lost, doubled, out of order or half done`);
  else console.log(`${consumer} did not hold, see above${broken ? '' : ': the run broke off'}`);
  console.log(`again: ${again}`);
} else {
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
}
