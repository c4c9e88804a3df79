import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { scopes, signToken } from '@app/service-defaults';
import {
  eventually,
  freePort,
  type PlatformService,
  platformServices,
  type PlatformUrls,
  RunningPlatform,
  testAudience,
  testIssuerName,
  workspaceRoot,
} from '@app/testing';
import type { JWK } from 'jose';
import { type PortVariable, portTable } from '../../apps/local/src/settings.js';

export type Service = Exclude<PlatformService, 'mailbox'>;

const portVariables = Object.keys(portTable) as PortVariable[];
type Ports = Record<PortVariable, string>;

const urlOf = (service: PlatformService, ports: Ports): string => {
  const variable = `${service.toUpperCase().replaceAll('-', '_')}${service === 'mailbox' ? '_HTTP' : ''}_PORT`;
  return `http://127.0.0.1:${ports[variable as keyof Ports]}`;
};
const urlsOf = (ports: Ports): PlatformUrls =>
  Object.fromEntries(platformServices.map((service) => [service, urlOf(service, ports)])) as PlatformUrls;

/** The whole platform as `npm start` runs it, on free ports and in a folder of its own. */
export class Platform extends RunningPlatform {
  private readonly printed: string[];

  private constructor(
    private readonly launcher: ChildProcess,
    readonly env: Ports & { DATA_DIR: string },
    output: string[],
  ) {
    super(urlsOf(env), '');
    this.printed = output;
  }

  /** @param before where an earlier one was: it goes on there */
  static async start(before?: Platform): Promise<Platform> {
    const env = { LAUNCHER_LOG: 'plain', NO_COLOR: '1', ...(before?.env ?? (await freshPlace())) };
    const launcher = spawn(process.execPath, ['apps/local/dist/main.js'], {
      cwd: workspaceRoot,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    const ready = new Promise<void>((resolve) => {
      for (const stream of [launcher.stdout, launcher.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          output.push(line);
          if (output.length > 2_000) output.shift();
          if (line.includes('all ready after')) resolve();
        });
      }
    });
    const ended = once(launcher, 'exit').then(() => {
      throw new Error(`the platform ended before it was ready:\n${output.join('\n')}`);
    });
    const platform = new Platform(launcher, env, output);
    await Promise.race([ready, ended]);
    await platform.signIn();
    return platform;
  }

  /** The token of a person who may do everything. */
  get bearer(): string {
    return this.token;
  }

  private async signIn(): Promise<void> {
    const file = join(this.env.DATA_DIR, 'secrets/issuer.jwk.json');
    const key = JSON.parse(await readFile(file, 'utf8')) as JWK;
    this.token = await signToken(key, {
      subject: 'a person',
      client: 'scenarios',
      scopes,
      issuer: testIssuerName,
      audience: testAudience,
      lifetimeSeconds: 3600,
    });
  }

  /** Runs a command as a person would, with the token the platform trusts. */
  async command(
    script: string,
    args: string[],
    signal?: AbortSignal,
  ): Promise<{ code: number | null; output: string }> {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: workspaceRoot,
      env: { ...process.env, ...this.env, TOKEN: this.token },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
    signal?.addEventListener('abort', () => child.kill('SIGINT'));
    const [code] = (await once(child, 'exit')) as [number | null];
    return { code, output };
  }

  importFile(file: string, signal?: AbortSignal): Promise<{ code: number | null; output: string }> {
    return this.command('apps/profile/dist/cli/import.js', [file], signal);
  }

  /** Kills the process of a service, and says which one it was; the launcher brings it back. */
  async kill(part: Service | 'broker'): Promise<number> {
    const pid = await eventually(async () => (await this.pidOf(part)) ?? false, { timeoutMs: 20_000 });
    process.kill(pid, 'SIGKILL');
    return pid;
  }

  /** Connection string of the superuser on a service's database. */
  async databaseUrl(database: string): Promise<string> {
    const password = await readFile(join(this.env.DATA_DIR, 'secrets/postgres-password'), 'utf8');
    return `postgresql://postgres:${encodeURIComponent(password.trim())}@127.0.0.1:${this.env.POSTGRES_PORT}/${database}`;
  }

  async pidOf(part: Service | 'broker'): Promise<number | undefined> {
    for (const entry of await readdir('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      const [command, status] = await Promise.all(
        ['cmdline', 'status'].map((file) => readFile(`/proc/${entry}/${file}`, 'utf8').catch(() => '')),
      );
      if (!command?.includes(`apps/${part}/dist/main.js`)) continue;
      if (status?.includes(`PPid:\t${this.launcher.pid}\n`)) return Number(entry);
    }
    return undefined;
  }

  /** Resident memory of a part in MiB, its highest so far. */
  async peakMemory(part: Service | 'broker'): Promise<number> {
    const status = await readFile(`/proc/${await this.pidOf(part)}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  }

  output(): string {
    return this.printed.join('\n');
  }

  /** Ctrl-C; answers how long it took, in milliseconds, and with which code the launcher ended. */
  async interrupt(): Promise<{ ms: number; code: number | null }> {
    const started = performance.now();
    const exited = once(this.launcher, 'exit') as Promise<[number | null]>;
    this.launcher.kill('SIGINT');
    const [code] = await exited;
    return { ms: performance.now() - started, code };
  }

  /** Ctrl-C, and nothing is left of it; answers how long it took, in milliseconds. */
  async stop(): Promise<number> {
    const { ms } = await this.interrupt();
    await rm(this.env.DATA_DIR, { recursive: true, force: true });
    return ms;
  }
}

async function freshPlace(): Promise<Ports & { DATA_DIR: string }> {
  const ports: Partial<Ports> = {};
  // A port that is free may be told twice, as long as nobody takes it.
  const free = new Set<string>();
  while (free.size < portVariables.length) free.add(String(await freePort()));
  for (const [index, port] of [...free].entries()) {
    const variable = portVariables[index];
    if (variable) ports[variable] = port;
  }
  return { ...(ports as Ports), DATA_DIR: await mkdtemp(join(tmpdir(), 'platform-')) };
}
