import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  freePort,
  type TestDatabase,
  testDatabase,
  type TestIssuer,
  testIssuer,
  workspaceRoot,
} from '@app/testing';
import { Client } from 'pg';
import { ProfileStandIn } from '../../support/profile-stand-in.js';
import { Process } from '../platform/process.js';
import { connectionStringAt } from '../platform/torture-platform.js';

/** Processes of one consumer on a database of their own. */
export interface Crew {
  /** Makes the tables, without a bug, and takes no part in what follows: who was stopped is not started again. */
  founder: Process;
  database: TestDatabase;
  sql: Client;
  processes: Process[];
  /** Where each answers. */
  urls: string[];
}

export interface CrewOptions {
  replicas: number;
  /** Of `sabotage/preload.mjs`. */
  env?: Readonly<Record<string, string>>;
}

/** The engine as a process that may be shot at, who answers for profile, and crews of the consumer. */
export class ConsumerStage {
  readonly profile = new ProfileStandIn();
  broker!: Process;
  connectionString = '';
  token = '';
  private issuer!: TestIssuer;
  private readonly crews: Crew[] = [];

  private constructor(
    readonly consumer: string,
    readonly folder: string,
  ) {}

  static async open(consumer: string): Promise<ConsumerStage> {
    const stage = new ConsumerStage(consumer, await mkdtemp(join(tmpdir(), 'torture-')));
    await mkdir(join(stage.folder, 'logs'));
    stage.issuer = await testIssuer();
    stage.token = await stage.issuer.token();
    await stage.profile.listen(stage.issuer);
    const [port, httpPort] = [await freePort(), await freePort()];
    stage.connectionString = connectionStringAt(port);
    const configs = ['eventhubs.json', 'servicebus.json'].flatMap((file) => [
      '--config',
      join(workspaceRoot, 'config', file),
    ]);
    stage.broker = new Process({
      name: 'broker',
      script: join(workspaceRoot, 'apps/broker/dist/main.js'),
      args: [
        ...configs,
        '--data',
        join(stage.folder, 'broker'),
        '--port',
        String(port),
        '--http-port',
        String(httpPort),
      ],
      env: () => ({ LOG_FORMAT: 'json' }),
      logFile: join(stage.folder, 'logs/broker.log'),
    });
    await stage.broker.start();
    return stage;
  }

  /** A crew that has not been started, on an empty database. */
  async crew(name: string, { replicas, env = {} }: CrewOptions): Promise<Crew> {
    const database = await testDatabase();
    const sql = new Client({ connectionString: database.url });
    await sql.connect();
    const urls: string[] = [];
    const processes: Process[] = [];
    for (let n = 1; n <= replicas; n++) {
      const port = await freePort();
      urls.push(`http://127.0.0.1:${port}`);
      processes.push(this.process(`${name}-${n}`, port, database.url, env));
    }
    const founder = this.process(`${name}-founder`, await freePort(), database.url, {});
    const crew = { founder, database, sql, processes, urls };
    this.crews.push(crew);
    return crew;
  }

  /** @param keep leaves logs and histories */
  async close(keep: boolean): Promise<void> {
    for (const { founder, processes, sql, database } of this.crews) {
      await Promise.all([founder, ...processes].map((one) => one.stop()));
      await sql.end();
      await database.drop();
    }
    await this.broker.stop();
    await this.profile.close();
    await this.issuer.remove();
    if (!keep) await rm(this.folder, { recursive: true, force: true });
  }

  private process(name: string, port: number, url: string, env: Readonly<Record<string, string>>): Process {
    const portVariable = `${this.consumer.toUpperCase().replaceAll('-', '_')}_PORT`;
    const sabotaged = env['TORTURE_SABOTAGE'] !== undefined;
    return new Process({
      name,
      script: join(workspaceRoot, 'apps', this.consumer, 'dist/main.js'),
      nodeOptions: sabotaged ? ['--import', join(workspaceRoot, 'test/torture/sabotage/preload.mjs')] : [],
      logFile: join(this.folder, 'logs', `${name}.log`),
      env: (start) => ({
        HOST: '127.0.0.1',
        LOG_FORMAT: 'json',
        [portVariable]: String(port),
        // Each process has a name of its own, so that the position rows tell who moved them.
        DATABASE_URL: `${url}?application_name=${name}.${start}`,
        EVENTHUBS_CONNECTION_STRING: this.connectionString,
        SERVICEBUS_CONNECTION_STRING: this.connectionString,
        PROFILE_URL: this.profile.url,
        AUTH_JWKS_URL: `${this.profile.url}/.well-known/jwks.json`,
        AUTH_TOKEN_URL: `${this.profile.url}/oauth/token`,
        ...this.issuer.client,
        ...env,
      }),
    });
  }
}
