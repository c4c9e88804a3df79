import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newPersonalDataKey, seal, toApplicationProperties } from '@app/contracts';
import { EventHubsSender } from '@app/event-hubs';
import { eventually, freePort, testDatabase, type TestDatabase, workspaceRoot } from '@app/testing';
import { Client } from 'pg';
import { startKeyService } from '../../bench/consumer/key-service.mjs';
import { Process } from '../platform/process.js';
import { connectionStringAt } from '../platform/torture-platform.js';
import { behaviours, type HandlerName, HostileHandler } from './hostile-handler.js';
import type { Kept } from './judge.js';

/** The local one of docs/event-grid.md. */
const publishingKey = 'TE9DQUxfRVZFTlRfR1JJRF9LRVk=';
/** Of handlers that never take anything; who takes some is tried for as long as its events live. */
export const mostAttempts = 3;

const declarationOf = ({ name, url }: HostileHandler) => ({
  name,
  destination: { endpointType: 'WebHook', properties: { endpointUrl: url } },
  retryPolicy: { maxDeliveryAttempts: behaviours[name].delivers ? 30 : mostAttempts },
});

/** Engine and two replicas of event-grid as processes, a handler of each kind in this one. */
export class WebhookStage {
  private constructor(
    readonly folder: string,
    private readonly database: TestDatabase,
    private readonly keys: Awaited<ReturnType<typeof startKeyService>>,
    private readonly sender: EventHubsSender,
    private readonly sql: Client,
    readonly handlers: ReadonlyMap<HandlerName, HostileHandler>,
    readonly processes: { engine: Process; grid: Process; other: Process },
    private readonly urls: readonly string[],
  ) {}

  static async start(): Promise<WebhookStage> {
    const folder = await mkdtemp(join(tmpdir(), 'torture-webhooks-'));
    await mkdir(join(folder, 'logs'));
    const [amqp = 0, http, one = 0, two = 0] = await Promise.all(Array.from({ length: 4 }, freePort));
    const [database, keys] = await Promise.all([testDatabase(), startKeyService()]);
    const names = Object.keys(behaviours) as HandlerName[];
    const handlers = await Promise.all(names.map((name) => HostileHandler.start(name)));
    const file = join(folder, 'event-subscriptions.json');
    await writeFile(file, JSON.stringify({ subscriptions: handlers.map(declarationOf) }));
    const connectionString = connectionStringAt(amqp);
    const process = (name: string, app: string, env: Record<string, string>, args: string[] = []) =>
      new Process({
        name,
        script: join(workspaceRoot, `apps/${app}/dist/main.js`),
        args,
        env: () => ({ HOST: '127.0.0.1', LOG_FORMAT: 'json', ...env }),
        logFile: join(folder, 'logs', `${name}.log`),
      });
    const grid = (name: string, port: number) =>
      process(name, 'event-grid', {
        EVENT_GRID_PORT: String(port),
        EVENT_GRID_SUBSCRIPTIONS_FILE: file,
        EVENT_GRID_RETRY_SCALE: '0.01',
        EVENT_GRID_ANSWER_MS: '250',
        DATABASE_URL: database.url,
        EVENTHUBS_CONNECTION_STRING: connectionString,
        PROFILE_URL: keys.url,
        AUTH_TOKEN_URL: `${keys.url}/oauth/token`,
        AUTH_JWKS_URL: `${keys.url}/.well-known/jwks.json`,
        AUTH_CLIENT_ID: 'event-grid',
        AUTH_CLIENT_SECRET: 'torture',
      });
    const config = join(workspaceRoot, 'config/eventhubs.json');
    const ports = ['--port', String(amqp), '--http-port', String(http)];
    const brokerArgs = ['--config', config, '--data', join(folder, 'broker'), ...ports];
    const engine = process('broker', 'broker', {}, brokerArgs);
    const processes = { engine, grid: grid('grid', one), other: grid('other', two) };
    await engine.start();
    await processes.grid.start();
    await processes.other.start();
    const sql = new Client({ connectionString: database.url });
    sql.on('error', () => undefined);
    await sql.connect();
    const stage = new WebhookStage(
      folder,
      database,
      keys,
      new EventHubsSender({ connectionString, eventHubName: 'customer-events' }),
      sql,
      new Map(handlers.map((handler) => [handler.name, handler])),
      processes,
      [one, two].map((port) => `http://127.0.0.1:${port}`),
    );
    await stage.agree();
    return stage;
  }

  /** Publishes one event at a replica; false when nobody knows whether it was taken. */
  async publish(id: string, replica: number): Promise<boolean> {
    const event = {
      specversion: '1.0',
      id,
      type: 'Torture',
      source: '/torture',
      data: { text: 'x'.repeat(500) },
    };
    try {
      const answer = await fetch(`${this.urls[replica % this.urls.length]}/api/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/cloudevents+json', 'aeg-sas-key': publishingKey },
        body: JSON.stringify(event),
        signal: AbortSignal.timeout(5_000),
      });
      await answer.arrayBuffer();
      return answer.ok;
    } catch {
      return false;
    }
  }

  /** Facts about a customer, to the stream; sent again under the same ids until the engine has acknowledged them. */
  async send(partitionId: string, customerId: string, ids: readonly string[]): Promise<void> {
    const key = newPersonalDataKey();
    const events = ids.map((id) => ({
      id,
      applicationProperties: toApplicationProperties({
        id,
        type: 'AddressChanged',
        source: '/profile',
        subject: customerId,
        time: new Date().toISOString(),
        dataschema: '/schemas/AddressChanged/v1.json',
      }),
      body: JSON.stringify({ changed: ['addresses.home'], personal: seal({ current: {} }, customerId, key) }),
    }));
    for (let done = 0; done < events.length;) {
      try {
        done += await this.sender.send(partitionId, events.slice(done));
      } catch {
        await this.processes.engine.whenUp();
      }
    }
  }

  async waiting(): Promise<number> {
    const { rows } = await this.sql.query<{ count: number }>(
      `SELECT count(*)::int FROM delivery WHERE state = 'waiting'`,
    );
    return rows[0]?.count ?? 0;
  }

  async deliveries(): Promise<Kept[]> {
    const { rows } = await this.sql.query<Kept>(
      `SELECT s.name AS subscription, e.attributes ->> 'id' AS "eventId", d.state, d.attempts,
              d.dead_letter_reason AS "deadLetterReason"
         FROM delivery d JOIN event_subscription s ON s.id = d.subscription_id JOIN grid_event e ON e.id = d.event_key`,
    );
    return rows;
  }

  async stop(keep: boolean): Promise<string> {
    const { engine, grid, other } = this.processes;
    await Promise.all([grid.stop(), other.stop()]);
    await engine.stop();
    await this.sender.close();
    await this.sql.end();
    this.keys.close();
    for (const handler of this.handlers.values()) handler.stop();
    await this.database.drop();
    if (!keep) await rm(this.folder, { recursive: true, force: true });
    return this.folder;
  }

  /** Every handshake is done, and each handler knows its secret. */
  private async agree(): Promise<void> {
    const rows = await eventually(async () => {
      const found = await this.sql.query<{ name: HandlerName; secret: string }>(
        `SELECT name, signing_secret AS secret FROM event_subscription WHERE state = 'Succeeded'`,
      );
      return found.rows.length === this.handlers.size && found.rows;
    });
    for (const { name, secret } of rows) {
      const handler = this.handlers.get(name);
      if (handler) handler.secret = secret;
    }
  }
}
