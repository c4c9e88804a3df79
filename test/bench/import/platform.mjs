import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { freePort, start } from '../processes.mjs';

const root = path.join(import.meta.dirname, '../../..');
const services = [
  'profile',
  'search-indexer',
  'address-notifications',
  'audit',
  'event-grid',
  'console',
  'broker',
];
const ports = [
  'PROFILE',
  'SEARCH_INDEXER',
  'ADDRESS_NOTIFICATIONS',
  'AUDIT',
  'EVENT_GRID',
  'CONSOLE',
  'BROKER_AMQP',
  'BROKER_HTTP',
  'POSTGRES',
  'MAILBOX_SMTP',
  'MAILBOX_HTTP',
];

/** The whole platform on free ports, its data in the folder. SIGINT ends all of it. */
export async function startPlatform(/** @type {string} */ folder) {
  const env = { ...process.env, DATA_DIR: path.join(folder, 'data'), NO_COLOR: '1' };
  for (const name of ports) env[`${name}_PORT`] = String(await freePort());
  const started = performance.now();
  const stdio = ['ignore', 'pipe', 'inherit'];
  const program = path.join(root, 'apps/local/dist/main.js');
  const launcher = start(process.execPath, [program], { cwd: root, env, stdio }, 'SIGINT');
  await new Promise((resolve, reject) => {
    launcher.once('exit', () => reject(new Error('the platform did not start')));
    createInterface({ input: launcher.stdout }).on(
      'line',
      (line) => line.includes('all ready after') && resolve(),
    );
  });
  const startMs = performance.now() - started;
  env.TOKEN = await runScript('apps/local/dist/token.js', [], env);
  return { launcher, env, startMs };
}

/** Runs one of the platform's commands to its end; answers what it printed. */
export async function runScript(script, args, env) {
  const stdio = ['ignore', 'pipe', 'inherit'];
  const child = start(process.execPath, [path.join(root, script), ...args], { cwd: root, env, stdio });
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${script} ended with ${code}`);
  return output.trim();
}

/** The highest memory of each service of a launcher so far, in MiB. */
export async function peakMemory(/** @type {number} */ launcher) {
  const peaks = {};
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''); // gone meanwhile
    if (!status.includes(`PPid:\t${launcher}\n`)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const name = services.find((one) => command.includes(`apps/${one}/dist/main.js`));
    if (name) peaks[name] = Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024);
  }
  return peaks;
}
