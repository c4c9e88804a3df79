import {
  freePort,
  type StartedService,
  startService,
  type TestDatabase,
  testDatabase,
  type TestIssuer,
  testIssuer,
} from '@app/testing';
import { Client } from 'pg';

const absentEngine =
  'Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;';

export interface Answer<T = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: T;
}

/** A profile service of a spec's own, on a fresh database, without an engine: commits must not need one. */
export class ProfileApi {
  private constructor(
    readonly service: StartedService,
    readonly database: TestDatabase,
    readonly issuer: TestIssuer,
    readonly token: string,
    /** Looks into the database, and changes what no request could. */
    readonly sql: Client,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<ProfileApi> {
    const [database, issuer] = await Promise.all([testDatabase(), testIssuer()]);
    const service = await ProfileApi.spawn(database, issuer, env);
    const sql = new Client(database.url);
    await sql.connect();
    return new ProfileApi(service, database, issuer, await issuer.token(), sql);
  }

  /** The same service again on the same database, after it was killed. */
  async again(env: Record<string, string> = {}): Promise<ProfileApi> {
    const service = await ProfileApi.spawn(this.database, this.issuer, env);
    return new ProfileApi(service, this.database, this.issuer, this.token, this.sql);
  }

  private static async spawn(
    database: TestDatabase,
    issuer: TestIssuer,
    env: Record<string, string>,
  ): Promise<StartedService> {
    const port = String(await freePort());
    return startService('profile', {
      DATABASE_URL: database.url,
      SECRETS_DIR: issuer.secretsDir,
      PROFILE_PORT: port,
      AUTH_JWKS_URL: `http://127.0.0.1:${port}/.well-known/jwks.json`,
      AUTH_TOKEN_URL: `http://127.0.0.1:${port}/oauth/token`,
      ...issuer.client,
      EVENTHUBS_CONNECTION_STRING: absentEngine,
      ...env,
    });
  }

  async call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(this.service.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : text || undefined;
    return { status: response.status, headers: response.headers, body: parsed as T };
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.sql.end();
    await this.issuer.remove();
    await this.database.drop();
  }
}
