// Docker Compose on a project of its own, with ports that are free.
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '@app/testing';
import { byText } from './story.mjs';

const root = path.join(import.meta.dirname, '../..');
const portVariables = [
  'PROFILE_PORT',
  'SEARCH_INDEXER_PORT',
  'ADDRESS_NOTIFICATIONS_PORT',
  'AUDIT_PORT',
  'EVENT_GRID_PORT',
  'CONSOLE_PORT',
  'BROKER_AMQP_PORT',
  'BROKER_HTTP_PORT',
  'MAILBOX_HTTP_PORT',
];

/** Ends the process with a sentence where there is nothing to run containers with. */
export function refuseWithoutDocker() {
  const { error, status, stdout, stderr } = spawnSync('docker', ['compose', 'version', '--short'], {
    encoding: 'utf8',
  });
  const stop = (/** @type {string} */ why) => {
    console.error(`test:compose needs Docker with Compose 2.24 or newer: ${why}`);
    process.exit(2);
  };
  if (error) stop('there is no docker on this machine');
  if (status !== 0) stop(stderr.trim() || 'docker compose does not answer');
  const [major, minor] = stdout.trim().replace(/^v/, '').split('.').map(Number);
  if (major < 2 || (major === 2 && minor < 24)) stop(`this is ${stdout.trim()}`);
  const engine = spawnSync('docker', ['info', '--format', '{{.ServerVersion}}'], { encoding: 'utf8' });
  if (engine.status !== 0) stop('its engine does not run');
}

export class Compose {
  /** @param {string} project @param {NodeJS.ProcessEnv} env @param {string} folder */
  constructor(project, env, folder) {
    this.project = project;
    this.env = env;
    this.log = path.join(folder, 'docker.log');
  }

  static async make(/** @type {string} */ project) {
    const ports = {};
    for (const variable of portVariables) ports[variable] = String(await freePort());
    const { COMPOSE_PROFILES: _, COMPOSE_FILE: __, ...inherited } = process.env;
    const env = { ...inherited, ...ports, COMPOSE_PROJECT_NAME: project };
    return new Compose(project, env, mkdtempSync(path.join(os.tmpdir(), 'test-compose-')));
  }

  port(/** @type {string} */ service) {
    return Number(this.env[`${service.toUpperCase().replaceAll('-', '_')}_PORT`]);
  }

  /** `docker compose …`; answers what it printed. @throws with the end of what it said */
  run(...args) {
    return this.docker('compose', ...args);
  }

  /** @throws with the end of what it said */
  docker(...args) {
    const { error, status, stdout, stderr } = spawnSync('docker', args, {
      cwd: root,
      env: this.env,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    appendFileSync(this.log, `$ docker ${args.join(' ')}\n${stderr}\n`);
    if (status === 0) return stdout;
    const end = (error?.message ?? stderr).trim().split('\n').slice(-12).join('\n');
    throw new Error(`docker ${args.join(' ')} failed:\n${end}\nAll of it: ${this.log}`);
  }

  /** Every container of the project, those that have ended included. */
  containers() {
    const lines = this.run('--profile', '*', 'ps', '--all', '--format', 'json').trim().split('\n');
    return lines.filter(Boolean).map((line) => JSON.parse(line));
  }

  /** The names of the containers that run a service. */
  replicas(/** @type {string} */ service) {
    const running = this.containers().filter((one) => one.Service === service && one.State === 'running');
    return running.map(({ Name }) => Name).toSorted(byText);
  }

  /** What stays of the project in Docker. */
  left() {
    const filter = ['--filter', `label=com.docker.compose.project=${this.project}`, '--quiet'];
    return ['container', 'volume', 'network'].filter(
      (kind) => this.docker(kind, 'ls', ...filter).trim() !== '',
    );
  }

  keepLogs() {
    appendFileSync(this.log, this.run('--profile', '*', 'logs', '--no-color', '--tail', '200'));
  }
}
