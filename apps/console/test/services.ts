import {
  freePort,
  type StartedBroker,
  startBroker,
  type StartedService,
  startService,
  type TestDatabase,
  testDatabase,
  type TestIssuer,
  testIssuer,
} from '@app/testing';
import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';

export const consumers = ['search-indexer', 'address-notifications', 'audit'] as const;
type Name = 'profile' | 'console' | (typeof consumers)[number];

/** Profile, the consumers and the console as processes of their own on a real engine, and a mailbox in this one. */
export class Services {
  readonly services = new Map<Name, StartedService>();
  readonly mails: string[] = [];
  private readonly databases: TestDatabase[] = [];
  private readonly mailbox = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData: (stream, _session, done) => {
      let mail = '';
      stream.setEncoding('utf8').on('data', (part: string) => (mail += part));
      stream.on('end', () => done(null, String(this.mails.push(mail))));
    },
  });

  private constructor(
    readonly issuer: TestIssuer,
    private readonly broker: StartedBroker,
    private readonly env: Record<string, string>,
  ) {}

  static async start(): Promise<Services> {
    const [issuer, broker, profilePort, smtpPort] = await Promise.all([
      testIssuer(),
      startBroker(),
      freePort(),
      freePort(),
    ]);
    const profile = `http://127.0.0.1:${profilePort}`;
    const services = new Services(issuer, broker, {
      EVENTHUBS_CONNECTION_STRING: broker.connectionString,
      SERVICEBUS_CONNECTION_STRING: broker.connectionString,
      PROFILE_PORT: String(profilePort),
      PROFILE_URL: profile,
      SECRETS_DIR: issuer.secretsDir,
      AUTH_JWKS_URL: `${profile}/.well-known/jwks.json`,
      AUTH_TOKEN_URL: `${profile}/oauth/token`,
      SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
      ...issuer.client,
    });
    try {
      await services.launchAll(smtpPort);
      return services;
    } catch (error) {
      await services.stop();
      throw error;
    }
  }

  private async launchAll(smtpPort: number): Promise<void> {
    await once(this.mailbox.listen(smtpPort, '127.0.0.1'), 'listening');
    await Promise.all(['profile' as const, ...consumers].map((name) => this.launch(name)));
    const urls = consumers.map((name) => `${name}=${this.url(name)}`);
    await this.launch('console', { CONSUMER_URLS: urls.join(',') });
  }

  private async launch(name: Name, more: Record<string, string> = {}): Promise<void> {
    const database = name === 'console' ? undefined : await testDatabase();
    if (database) this.databases.push(database);
    const own = database ? { DATABASE_URL: database.url } : more;
    this.services.set(name, await startService(name, { ...this.env, ...own }, { timeoutMs: 60_000 }));
  }

  url(name: Name): string {
    const service = this.services.get(name);
    if (!service) throw new Error(`${name} was not started`);
    return service.url;
  }

  async call(
    name: Name,
    path: string,
    init: Omit<RequestInit, 'headers'> & { token?: string; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const token = init.token ?? (await this.issuer.token());
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init.headers };
    return fetch(this.url(name) + path, { ...init, headers });
  }

  async get<T>(name: Name, path: string): Promise<T> {
    return (await (await this.call(name, path)).json()) as T;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.services.values()].map((service) => service.stop()));
    await this.broker.stop();
    await new Promise<void>((resolve) => this.mailbox.close(resolve));
    await Promise.all(this.databases.map((database) => database.drop()));
    await this.issuer.remove();
  }
}
