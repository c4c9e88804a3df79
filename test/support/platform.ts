import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { scopes, signToken } from '@app/service-defaults';
import { eventually, freePort, testAudience, testIssuerName, workspaceRoot } from '@app/testing';
import type { JWK } from 'jose';

export type Service = 'profile' | 'search-indexer' | 'address-notifications' | 'audit' | 'console';
export const consumers = ['search-indexer', 'address-notifications', 'audit'] as const satisfies Service[];

const portVariables = [
  'PROFILE_PORT',
  'SEARCH_INDEXER_PORT',
  'ADDRESS_NOTIFICATIONS_PORT',
  'AUDIT_PORT',
  'CONSOLE_PORT',
  'BROKER_AMQP_PORT',
  'BROKER_HTTP_PORT',
  'POSTGRES_PORT',
  'MAILBOX_SMTP_PORT',
  'MAILBOX_HTTP_PORT',
] as const;
type Ports = Record<(typeof portVariables)[number], string>;

interface ConsumerState {
  partitions: { lagEvents: number; sequenceNumber: number }[];
}

/** The whole platform as `npm start` runs it, on free ports and in a folder of its own. */
export class Platform {
  private readonly printed: string[];
  private token = '';

  private constructor(
    private readonly launcher: ChildProcess,
    readonly env: Ports & { DATA_DIR: string },
    output: string[],
  ) {
    this.printed = output;
  }

  static async start(): Promise<Platform> {
    const dataDir = await mkdtemp(join(tmpdir(), 'platform-'));
    const ports: Partial<Ports> = {};
    for (const variable of portVariables) ports[variable] = String(await freePort());
    const env = { ...(ports as Ports), DATA_DIR: dataDir, LAUNCHER_LOG: 'plain', NO_COLOR: '1' };
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

  private async signIn(): Promise<void> {
    const file = join(this.env.DATA_DIR, 'secrets/issuer.jwk.json');
    const key = JSON.parse(await readFile(file, 'utf8')) as JWK;
    this.token = await signToken(key, {
      subject: 'scenarios',
      scopes,
      issuer: testIssuerName,
      audience: testAudience,
      lifetimeSeconds: 3600,
    });
  }

  url(service: Service | 'mailbox'): string {
    const variable = `${service.toUpperCase().replaceAll('-', '_')}${service === 'mailbox' ? '_HTTP' : ''}_PORT`;
    return `http://127.0.0.1:${this.env[variable as keyof Ports]}`;
  }

  async get<T>(service: Service | 'mailbox', path: string): Promise<T> {
    const response = await fetch(this.url(service) + path, {
      headers: { authorization: `Bearer ${this.token}` },
    });
    if (!response.ok)
      throw new Error(`${service} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Every item of a list, page by page. */
  async all<T>(service: Service | 'mailbox', path: string): Promise<T[]> {
    const items: T[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const separator = path.includes('?') ? '&' : '?';
      const query: string = cursor === '' ? '' : `${separator}cursor=${encodeURIComponent(cursor)}`;
      const page: { items: T[]; nextCursor?: string } = await this.get(service, path + query);
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
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

  /** Every accepted change is published, read by every consumer, and mailed where it is to be mailed. */
  async settled(timeoutMs = 120_000): Promise<void> {
    await eventually(async () => (await this.pending()).length === 0, { timeoutMs, intervalMs: 200 });
  }

  private async pending(): Promise<string[]> {
    const waiting: string[] = [];
    const metrics = await (await fetch(`${this.url('profile')}/metrics`)).text();
    const outbox = Number(/^outbox_pending (\d+)/m.exec(metrics)?.[1] ?? Number.NaN);
    if (outbox !== 0) waiting.push(`outbox ${outbox}`);
    const ends: number[] = [];
    for (const consumer of consumers) {
      const { partitions } = await this.get<ConsumerState>(consumer, '/admin/consumer');
      const lag = partitions.reduce((sum, partition) => sum + partition.lagEvents, 0);
      if (partitions.length !== 4 || lag !== 0) waiting.push(`${consumer} ${lag}`);
      ends.push(partitions.reduce((sum, partition) => sum + partition.sequenceNumber, 0));
    }
    if (new Set(ends).size > 1) waiting.push(`positions ${ends.join(' ')}`);
    return waiting;
  }

  /** Kills the process of a service, and says which one it was; the launcher brings it back. */
  async kill(part: Service | 'broker'): Promise<number> {
    const pid = await eventually(async () => (await this.pidOf(part)) ?? false, { timeoutMs: 20_000 });
    process.kill(pid, 'SIGKILL');
    return pid;
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

  /** Ctrl-C; answers how long it took, in milliseconds. */
  async stop(): Promise<number> {
    const started = performance.now();
    const exited = once(this.launcher, 'exit');
    this.launcher.kill('SIGINT');
    await exited;
    await rm(this.env.DATA_DIR, { recursive: true, force: true });
    return performance.now() - started;
  }
}
