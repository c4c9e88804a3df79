import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PostgresServer, startPostgres } from '@app/database/embedded';
import { addDatabaseClock, freePort, type TestIssuer, testIssuer, workspaceRoot } from '@app/testing';
import { Client } from 'pg';
import { ProcessClocks } from '../clock/process-clocks.js';
import { Links, type Target } from './links.js';
import { Process } from './process.js';

export const consumerNames = ['search-indexer', 'address-notifications', 'audit'] as const;
export type ServiceName = 'profile' | (typeof consumerNames)[number];
export const withDatabase: readonly ServiceName[] = ['profile', ...consumerNames];
/** For the tests' own requests, wherever a service's clock stands. */
const tokenSeconds = 3 * 365 * 24 * 3600;

export interface PlatformOptions {
  /** More for the environment of every service. */
  env?: Readonly<Record<string, string>>;
  nodeOptions?: readonly string[];
  /** Processes of a consumer; one unless told. */
  replicas?: number;
  /** More for the engine's command line. */
  brokerArgs?: readonly string[];
  /** Gives each process and each database a clock that can be set. */
  clocks?: boolean;
  /** Services reach engine, PostgreSQL and profile over {@link TorturePlatform.links}, which can be broken. */
  brokenNetwork?: boolean;
}

/** The platform's own programs, each a process, on a PostgreSQL of their own: as `npm start` has them, but unprotected. */
export class TorturePlatform {
  readonly processes = new Map<string, Process>();
  readonly ports = new Map<string, number>();
  /** Of each service, where the network is to be broken. */
  readonly links = new Links();
  postgres!: PostgresServer;
  token = '';
  clocks: ProcessClocks | undefined;
  private issuer!: TestIssuer;
  private readonly clients: Client[] = [];

  private constructor(
    /** Logs, histories and data of the run. */
    readonly folder: string,
    private readonly options: PlatformOptions,
  ) {}

  static async start(options: PlatformOptions = {}): Promise<TorturePlatform> {
    const platform = new TorturePlatform(await mkdtemp(join(tmpdir(), 'torture-')), options);
    try {
      await platform.startAll();
      return platform;
    } catch (error) {
      await platform.stop();
      throw error;
    }
  }

  get connectionString(): string {
    return connectionStringAt(this.ports.get('broker') ?? 0);
  }

  url(name: string): string {
    return `http://127.0.0.1:${this.ports.get(name)}`;
  }

  process(name: string): Process {
    const found = this.processes.get(name);
    if (!found) throw new Error(`no process is called ${name}`);
    return found;
  }

  /** A superuser's connection to a service's database. */
  async sql(service: ServiceName): Promise<Client> {
    const client = new Client({ connectionString: this.postgres.url(databaseOf(service)) });
    client.on('error', () => undefined);
    await client.connect();
    this.clients.push(client);
    return client;
  }

  async startPostgres(): Promise<void> {
    const port = this.ports.get('postgres') ?? (await freePort());
    this.ports.set('postgres', port);
    this.postgres = await startPostgres({
      dataDir: join(this.folder, 'postgres'),
      port,
      password: 'torture',
    });
  }

  /** @param keep leaves folder and data for somebody to look at */
  async stop(keep = false): Promise<void> {
    for (const client of this.clients) await client.end().catch(() => undefined);
    await Promise.all([...this.processes.values()].map((one) => one.stop()));
    await this.links.close();
    await this.postgres?.stop();
    await this.issuer?.remove();
    if (!keep) await rm(this.folder, { recursive: true, force: true });
  }

  private async startAll(): Promise<void> {
    this.issuer = await testIssuer();
    this.token = await this.issuer.token(undefined, tokenSeconds);
    await mkdir(join(this.folder, 'logs'));
    if (this.options.clocks) this.clocks = new ProcessClocks(this.folder);
    await this.startPostgres();
    const admin = new Client({ connectionString: this.postgres.url('postgres') });
    await admin.connect();
    for (const service of withDatabase) await admin.query(`CREATE DATABASE ${databaseOf(service)}`);
    await admin.end();
    for (const name of this.clocks ? withDatabase.map(databaseOf) : [])
      await addDatabaseClock(this.postgres.url(name));
    for (const name of ['broker', 'broker-http', 'mailbox', 'mailbox-http', 'profile'])
      this.ports.set(name, await freePort());
    this.addBroker();
    this.addMailbox();
    await this.addService('profile', 'profile', { SECRETS_DIR: this.issuer.secretsDir });
    for (const consumer of consumerNames)
      for (let n = 0; n < (this.options.replicas ?? 1); n++) {
        const name = n === 0 ? consumer : `${consumer}-${n + 1}`;
        this.ports.set(name, await freePort());
        await this.addService(name, consumer, {});
      }
    const waves = [['broker', 'mailbox'], ['profile'], [...this.processes.keys()].slice(3)];
    for (const wave of waves) await Promise.all(wave.map((name) => this.process(name).start()));
  }

  private addBroker(): void {
    const port = (name: string) => String(this.ports.get(name));
    const configs = ['eventhubs.json', 'servicebus.json'].flatMap((file) => [
      '--config',
      join(workspaceRoot, 'config', file),
    ]);
    const data = join(this.folder, 'broker');
    const ports = ['--port', port('broker'), '--http-port', port('broker-http')];
    const args = [...configs, '--data', data, ...ports, ...(this.options.brokerArgs ?? [])];
    this.add('broker', join(workspaceRoot, 'apps/broker/dist/main.js'), () => ({ LOG_FORMAT: 'json' }), args);
  }

  private addMailbox(): void {
    const env = {
      HOST: '127.0.0.1',
      MAILBOX_DIR: join(this.folder, 'mailbox'),
      MAILBOX_SMTP_PORT: String(this.ports.get('mailbox')),
      MAILBOX_HTTP_PORT: String(this.ports.get('mailbox-http')),
    };
    this.add('mailbox', join(workspaceRoot, 'apps/local/dist/mailbox/main.js'), () => env);
  }

  private async addService(
    name: string,
    service: ServiceName,
    more: Readonly<Record<string, string>>,
  ): Promise<void> {
    const portVariable = `${service.toUpperCase().replaceAll('-', '_')}_PORT`;
    const engine = await this.portFor(name, 'engine', this.ports.get('broker'));
    const profile = `http://127.0.0.1:${await this.portFor(name, 'profile', this.ports.get('profile'))}`;
    const database = new URL(this.postgres.url(databaseOf(service)));
    database.port = String(await this.portFor(name, 'PostgreSQL', this.ports.get('postgres')));
    this.add(name, join(workspaceRoot, 'apps', service, 'dist/main.js'), (start) => ({
      HOST: '127.0.0.1',
      LOG_FORMAT: 'json',
      FAULTS: 'on',
      [portVariable]: String(this.ports.get(name)),
      // Each process has a name of its own, so that the position rows tell who moved them.
      DATABASE_URL: `${database.href}?application_name=${name}.${start}`,
      EVENTHUBS_CONNECTION_STRING: connectionStringAt(engine),
      SERVICEBUS_CONNECTION_STRING: connectionStringAt(engine),
      PROFILE_URL: profile,
      AUTH_JWKS_URL: `${profile}/.well-known/jwks.json`,
      AUTH_TOKEN_URL: `${profile}/oauth/token`,
      SMTP_URL: `smtp://127.0.0.1:${this.ports.get('mailbox')}`,
      ...this.issuer.client,
      ...more,
      ...this.options.env,
    }));
  }

  /** Where `from` finds `to`: its own port, or that of a link between them. */
  private async portFor(from: string, to: Target, port = 0): Promise<number> {
    if (!this.options.brokenNetwork || from === to) return port;
    return this.links.add(from, to, port);
  }

  private add(
    name: string,
    script: string,
    env: (start: number) => Readonly<Record<string, string>>,
    args: readonly string[] = [],
  ): void {
    const logFile = join(this.folder, 'logs', `${name}.log`);
    const { clocks } = this;
    const nodeOptions = [...(this.options.nodeOptions ?? []), ...(clocks?.nodeOptions ?? [])];
    const environment = (start: number) => ({ ...env(start), ...clocks?.envOf(name) });
    this.processes.set(name, new Process({ name, script, args, nodeOptions, env: environment, logFile }));
  }
}

export const databaseOf = (service: ServiceName): string => service.replaceAll('-', '_');

export const connectionStringAt = (port: number): string =>
  `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=RootManageSharedAccessKey;` +
  'SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;';
