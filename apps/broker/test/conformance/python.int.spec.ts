import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { BrokerHarness } from '../harness.js';
import { entitiesFor } from './python/entities.js';

const folder = path.join(import.meta.dirname, 'python');
const requirements = path.join(folder, 'requirements.txt');
/** Out of the work tree's tracked files, and kept from run to run. */
const venv = path.resolve(import.meta.dirname, '../../../../node_modules/.cache/engine-python');
const python = path.join(venv, 'bin/python');
/** Made whole, from these requirements. */
const mark = path.join(venv, 'requirements.txt');

const casesIn = (file: string): string[] =>
  [...readFileSync(path.join(folder, file), 'utf8').matchAll(/^def case_(\w+)/gm)].map(
    ([, name]) => name as string,
  );
const names = [...casesIn('cases.py'), ...casesIn('service_bus_cases.py')];

async function makeVenv(): Promise<void> {
  if (existsSync(mark) && (await readFile(mark, 'utf8')) === (await readFile(requirements, 'utf8'))) return;
  const run = promisify(execFile);
  await rm(venv, { recursive: true, force: true });
  await mkdir(path.dirname(venv), { recursive: true });
  await run('python3', ['-m', 'venv', venv]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
  await writeFile(mark, await readFile(requirements, 'utf8'));
}

interface Result {
  readonly case: string;
  readonly error: string | null;
}

const hasPython = spawnSync('python3', ['-c', 'import ensurepip, venv']).status === 0;
if (!hasPython) {
  const what =
    'the Python clients are not tested: python3 with venv is missing (apt-get install python3-venv)';
  if (process.env['CI'] === 'true') throw new Error(what);
  process.stderr.write(`${what}\n`);
}

/** The official clients `azure-eventhub` and `azure-servicebus`, unmodified, of the versions in python/requirements.txt. */
(hasPython ? describe : describe.skip)('the Python clients', () => {
  let harness: BrokerHarness;
  let exitCode: number | null = null;
  let log = '';
  const results = new Map<string, Result>();
  beforeAll(async () => {
    await makeVenv();
    harness = await BrokerHarness.create(entitiesFor(names.map((name) => `case_${name}`)));
    const broker = await harness.start();
    const child = spawn(python, [path.join(folder, 'cases.py')], {
      env: {
        ...process.env,
        ENGINE_CONNECTION_STRING: broker.connectionString,
        PYTHONDONTWRITEBYTECODE: '1',
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exited = once(child, 'exit');
    for await (const line of createInterface(child.stdout)) {
      const result = JSON.parse(line) as Result;
      results.set(result.case, result);
    }
    [exitCode] = (await exited) as [number | null];
    log = broker.output.join('');
  }, 300_000);
  afterAll(() => harness.close());

  it.each(names)('%s', (name) => {
    const result = results.get(`case_${name}`);
    if (result === undefined) throw new Error('did not run');
    if (result.error !== null) throw new Error(result.error);
  });

  it('ran to its end, and the engine had nothing to say against it', () => {
    expect(exitCode).toBe(0);
    expect(log).not.toMatch(/WARN|ERROR/);
  });
});
