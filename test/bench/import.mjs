// From file to last effect: npm run bench [-- FILE]
// Starts the whole platform in a folder of its own on free ports, imports, and waits for search and audit to be through.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const root = path.join(import.meta.dirname, '../..');
const realFile = path.join(root, '../shared/data/customers.csv');
const madeRows = 15_000;
const services = ['profile', 'search-indexer', 'address-notifications', 'audit', 'console', 'broker'];

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return String(port);
}

async function madeFile(folder) {
  const file = path.join(folder, 'customers.csv');
  const rows = Array.from(
    { length: madeRows },
    (_, n) => `M${n},Given${n},Family${n},m${n}@example.org,${n} First St,Lyon,FR`,
  );
  await writeFile(
    file,
    ['account_number,first_name,last_name,email,address_line1,city,country', ...rows, ''].join('\n'),
  );
  return file;
}

async function run(script, args, env) {
  const child = spawn(process.execPath, [path.join(root, script), ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${script} ended with ${code}`);
  return output.trim();
}

async function peakMemory(launcher) {
  const peaks = {};
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    if (!status.includes(`PPid:\t${launcher}\n`)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const name = services.find((one) => command.includes(`apps/${one}/dist/main.js`));
    if (name) peaks[name] = `${Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024)} MiB`;
  }
  return peaks;
}

const folder = await mkdtemp(path.join(tmpdir(), 'bench-'));
const variables = [
  'PROFILE',
  'SEARCH_INDEXER',
  'ADDRESS_NOTIFICATIONS',
  'AUDIT',
  'CONSOLE',
  'BROKER_AMQP',
  'BROKER_HTTP',
];
const env = { ...process.env, DATA_DIR: path.join(folder, 'data'), NO_COLOR: '1' };
for (const name of [...variables, 'POSTGRES', 'MAILBOX_SMTP', 'MAILBOX_HTTP'])
  env[`${name}_PORT`] = await freePort();

const started = performance.now();
const launcher = spawn(process.execPath, [path.join(root, 'apps/local/dist/main.js')], {
  cwd: root,
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  await new Promise((resolve, reject) => {
    launcher.once('exit', () => reject(new Error('the platform did not start')));
    createInterface({ input: launcher.stdout }).on(
      'line',
      (line) => line.includes('all ready after') && resolve(),
    );
  });
  const ready = performance.now();
  env.TOKEN = await run('apps/local/dist/token.js', [], env);
  const headers = { authorization: `Bearer ${env.TOKEN}` };
  const behind = async (port) => {
    const answer = await fetch(`http://127.0.0.1:${env[port]}/admin/consumer`, { headers });
    return (await answer.json()).partitions.some((partition) => partition.lagEvents > 0);
  };
  const waiting = async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${env.PROFILE_PORT}/metrics`)).text();
    return (
      !/^outbox_pending 0$/m.test(metrics) ||
      (await behind('SEARCH_INDEXER_PORT')) ||
      (await behind('AUDIT_PORT'))
    );
  };

  const file = process.argv[2] ?? (existsSync(realFile) ? realFile : await madeFile(folder));
  const rows = (await readFile(file, 'utf8')).trimEnd().split('\n').length - 1;
  const begun = performance.now();
  await run('apps/profile/dist/cli/import.js', [file], env);
  const committed = performance.now();
  while (await waiting()) await pause(50);
  const effected = performance.now();

  const rate = (from, to) => `${Math.round((rows / (to - from)) * 1000).toLocaleString('en')} rows/s`;
  console.table({
    'start to ready (first start)': { measured: `${((ready - started) / 1000).toFixed(1)} s` },
    [`${rows.toLocaleString('en')} rows, file to commit`]: { measured: rate(begun, committed) },
    'file to last effect in search and audit': { measured: rate(begun, effected) },
  });
  console.table(
    Object.fromEntries(
      Object.entries(await peakMemory(launcher.pid)).map(([name, peak]) => [name, { 'peak memory': peak }]),
    ),
  );
} finally {
  launcher.kill('SIGINT');
  if (launcher.exitCode === null) await once(launcher, 'exit');
  await rm(folder, { recursive: true, force: true });
}
