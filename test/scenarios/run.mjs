// The cross-service scenarios: npm run scenarios [-- --url http://127.0.0.1:3000]
// Without --url they start a platform of their own; with it they use the one that runs there, local or compose.
import { execFileSync, spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';

const root = path.join(import.meta.dirname, '../..');
const usage = 'npm run scenarios [-- --url PROFILE_URL [--token TOKEN]]';

/** Ports count from profile's as in README.md, unless a variable such as AUDIT_URL says otherwise. */
function urlsFrom(text) {
  const profile = new URL(text);
  const at = (port) => Object.assign(new URL(profile), { port: String(port) }).origin;
  const base = Number(profile.port || (profile.protocol === 'https:' ? 443 : 80));
  return {
    profile: profile.origin,
    'search-indexer': process.env.SEARCH_INDEXER_URL ?? at(base + 1),
    'address-notifications': process.env.ADDRESS_NOTIFICATIONS_URL ?? at(base + 2),
    audit: process.env.AUDIT_URL ?? at(base + 3),
    'event-grid': process.env.EVENT_GRID_URL ?? at(base + 4),
    console: process.env.CONSOLE_URL ?? at(process.env.CONSOLE_PORT ?? 8080),
    mailbox: process.env.MAILBOX_URL ?? at(process.env.MAILBOX_HTTP_PORT ?? 8025),
  };
}

function stop(message) {
  console.error(message);
  process.exit(2);
}

function given() {
  try {
    const options = { url: { type: 'string' }, token: { type: 'string' } };
    const { values } = parseArgs({ options });
    return { urls: values.url && urlsFrom(values.url), token: values.token ?? process.env.TOKEN };
  } catch (error) {
    return stop(`${error.message.split('. ')[0]}\n${usage}`);
  }
}

async function assertItRuns({ profile }) {
  try {
    const answer = await fetch(`${profile}/health/ready`, { signal: AbortSignal.timeout(5_000) });
    if (!answer.ok) stop(`the platform at ${profile} is not ready (${answer.status})`);
  } catch {
    stop(
      `no platform answers at ${profile}: start it with npm start or docker compose up, or leave --url out`,
    );
  }
}

function localToken({ profile }) {
  const env = { ...process.env, PROFILE_PORT: new URL(profile).port };
  return execFileSync(process.execPath, ['apps/local/dist/token.js'], {
    cwd: root,
    env,
    encoding: 'utf8',
  }).trim();
}

const { urls, token } = given();
const env = { ...process.env };
if (urls) {
  await assertItRuns(urls);
  Object.assign(env, { SCENARIO_URLS: JSON.stringify(urls), TOKEN: token ?? localToken(urls) });
}
const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
];
const child = spawn(process.execPath, [...jest, 'test/scenarios/across-services'], {
  cwd: root,
  env,
  stdio: 'inherit',
});
child.once('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
