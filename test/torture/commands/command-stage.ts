import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandSender, type OutgoingCommand, type ServiceBusSettings } from '@app/service-bus';
import { freePort, testDatabase, type TestDatabase, workspaceRoot } from '@app/testing';
import { startKeyService } from '../../bench/consumer/key-service.mjs';
import { Process } from '../platform/process.js';
import { connectionStringAt } from '../platform/torture-platform.js';

/** Short, so that what a killed worker had in hand comes back soon. */
const lockSeconds = 5;

const queueConfig = {
  UserConfig: {
    Namespaces: [
      {
        Name: 'customer-profile',
        Queues: [
          {
            Name: 'notifications',
            Properties: {
              LockDuration: `PT${lockSeconds}S`,
              MaxDeliveryCount: 10,
              RequiresDuplicateDetection: true,
              DuplicateDetectionHistoryTimeWindow: 'PT1H',
            },
          },
        ],
      },
    ],
  },
};

/** Engine, worker and mailbox as processes; keys are handed out by this one. */
export class CommandStage {
  private constructor(
    private readonly folder: string,
    private readonly database: TestDatabase,
    private readonly keys: Awaited<ReturnType<typeof startKeyService>>,
    readonly engine: Process,
    readonly worker: Process,
    private readonly mailbox: Process,
    readonly mailboxUrl: string,
    readonly settings: ServiceBusSettings,
  ) {}

  static async start(): Promise<CommandStage> {
    const folder = await mkdtemp(join(tmpdir(), 'torture-commands-'));
    await mkdir(join(folder, 'logs'));
    const [amqp, http, smtp, mails, worker] = await Promise.all(Array.from({ length: 5 }, freePort));
    const [database, keys] = await Promise.all([testDatabase(), startKeyService()]);
    const config = join(folder, 'servicebus.json');
    await writeFile(config, JSON.stringify(queueConfig));
    const connectionString = connectionStringAt(amqp ?? 0);
    const process = (name: string, script: string, env: Record<string, string>, args: string[] = []) =>
      new Process({
        name,
        script: join(workspaceRoot, script),
        args,
        env: () => ({ HOST: '127.0.0.1', LOG_FORMAT: 'json', ...env }),
        logFile: join(folder, 'logs', `${name}.log`),
      });
    const stage = new CommandStage(
      folder,
      database,
      keys,
      process('broker', 'apps/broker/dist/main.js', {}, [
        '--config',
        config,
        '--data',
        join(folder, 'broker'),
        '--port',
        String(amqp),
        '--http-port',
        String(http),
      ]),
      process('worker', 'apps/address-notifications/dist/main.js', {
        NOTIFICATIONS_ROLE: 'worker',
        ADDRESS_NOTIFICATIONS_PORT: String(worker),
        DATABASE_URL: database.url,
        SERVICEBUS_CONNECTION_STRING: connectionString,
        PROFILE_URL: keys.url,
        AUTH_TOKEN_URL: `${keys.url}/oauth/token`,
        AUTH_JWKS_URL: `${keys.url}/.well-known/jwks.json`,
        AUTH_CLIENT_ID: 'address-notifications',
        AUTH_CLIENT_SECRET: 'torture',
        SMTP_URL: `smtp://127.0.0.1:${smtp}`,
      }),
      process('mailbox', 'apps/local/dist/mailbox/main.js', {
        MAILBOX_DIR: join(folder, 'mailbox'),
        MAILBOX_SMTP_PORT: String(smtp),
        MAILBOX_HTTP_PORT: String(mails),
      }),
      `http://127.0.0.1:${mails}`,
      { connectionString, queue: 'notifications' },
    );
    await Promise.all([stage.engine.start(), stage.mailbox.start()]);
    await stage.worker.start();
    return stage;
  }

  /** Through an engine that is shot at: sent again under the same message ids until it has acknowledged them. */
  async send(commands: readonly OutgoingCommand[]): Promise<number> {
    const sender = new CommandSender(this.settings);
    let failures = 0;
    for (let done = 0; done < commands.length;) {
      try {
        done += await sender.send(commands.slice(done));
      } catch {
        failures++;
        await this.engine.whenUp();
      }
    }
    await sender.close();
    return failures;
  }

  async stop(keep: boolean): Promise<string> {
    await this.worker.stop();
    await Promise.all([this.engine.stop(), this.mailbox.stop()]);
    this.keys.close();
    await this.database.drop();
    if (!keep) await rm(this.folder, { recursive: true, force: true });
    return this.folder;
  }
}
