import { join } from 'node:path';
import { overSocket, socketFolder } from '@app/database/embedded';
import { connectionString, databaseUrl, emulatorKey } from './secrets/connection-strings.js';
import type { Secrets } from './secrets/make-secrets.js';
import {
  consumers,
  databaseOf,
  portVariableOf,
  type Service,
  type ServiceName,
  services,
} from './services.js';
import { type Settings, root } from './settings.js';
import type { Part } from './supervisor/part.js';
import { postgres } from './supervisor/postgres.js';
import { service, task } from './supervisor/program.js';

/**
 * V8 collects garbage when it has to: told that it may have little, it keeps little. Some 60 MB are in use; several
 * services share the machine. Under so low a limit V8 would collect each time a quarter more is in use, and a fifth of an
 * import's processor time would go into that: it waits until twice as much is.
 */
const smallHeap = ['--max-old-space-size=192', '--max-semi-space-size=8', '--heap-growing-percent=100'];

/**
 * Where all want a processor at once, who is waited for goes first: writes, search and audit, then who tells where each event
 * got to, then mails and webhooks. What each stands back by, see nice(2).
 */
const nice: Partial<Record<ServiceName | 'mailbox', number>> = {
  console: 5,
  'address-notifications': 10,
  'event-grid': 10,
  mailbox: 10,
};

/**
 * The platform on one machine, read from top to bottom like the picture in README.md:
 *
 * client apps ─REST─▶ profile ─▶ PostgreSQL (state + outbox) ─relay─▶ engine ─▶ consumers ─▶ mailbox
 */
export function composition({ dataDir, secretsDir, ports }: Settings, secrets: Secrets): Part[] {
  const postgresHost = at(ports.POSTGRES_PORT);
  const postgresDir = join(dataDir, 'postgres');
  const postgresSocket = socketFolder(postgresDir, ports.POSTGRES_PORT);
  const profileUrl = `http://${at(ports.PROFILE_PORT)}`;
  const consumerUrls = consumers
    .map(({ name }) => `${name}=http://${at(ports[portVariableOf(name)])}`)
    .join(',');

  /** What every service gets, see .env.example. */
  const environment = (service: Service): Record<string, string> => {
    const port = portVariableOf(service.name);
    const database = databaseOf(service);
    return {
      HOST: '127.0.0.1',
      LOG_FORMAT: 'json',
      FAULTS: process.env.FAULTS ?? 'on',
      [port]: String(ports[port]),
      ...(database && {
        DATABASE_URL: overSocket(databaseUrl(postgresHost, database, secrets), postgresSocket),
      }),
      EVENTHUBS_CONNECTION_STRING: connectionString(at(ports.BROKER_AMQP_PORT), emulatorKey),
      PROFILE_URL: profileUrl,
      AUTH_JWKS_URL: `${profileUrl}/.well-known/jwks.json`,
      AUTH_TOKEN_URL: `${profileUrl}/oauth/token`,
      AUTH_CLIENT_ID: service.name,
      AUTH_CLIENT_SECRET: secrets.clients[service.name] ?? '',
    };
  };

  /** What one consumer gets besides. */
  const own: Readonly<Record<string, Record<string, string>>> = {
    'address-notifications': {
      SMTP_URL: `smtp://${at(ports.MAILBOX_SMTP_PORT)}`,
      SERVICEBUS_CONNECTION_STRING: connectionString(at(ports.BROKER_AMQP_PORT), emulatorKey),
      MAILBOX_URL: `http://${at(ports.MAILBOX_HTTP_PORT)}`,
    },
    'event-grid': {
      // Where handlers may be besides at public addresses: on this machine.
      EVENT_GRID_HANDLER_NETWORKS: process.env.EVENT_GRID_HANDLER_NETWORKS ?? 'loopback',
    },
    audit: { AUDIT_HEADS_DIR: join(dataDir, 'audit-heads'), AUDIT_HEADS_KEY: secrets.auditHeadsKey },
  };

  return [
    postgres({
      dataDir: postgresDir,
      port: ports.POSTGRES_PORT,
      password: secrets.postgresPassword,
    }),

    task('databases', {
      needs: ['postgres'],
      script: join(root, 'apps/local/dist/make-databases.js'),
      env: { SECRETS_DIR: secretsDir, POSTGRES_HOST: postgresHost },
    }),

    service('broker', {
      needs: [],
      script: main('broker'),
      nodeOptions: ['--max-semi-space-size=4'], // see docs/engine.md
      args: [
        ...['eventhubs.json', 'servicebus.json'].flatMap((file) => ['--config', join(root, 'config', file)]),
        '--data',
        join(dataDir, 'broker'),
      ],
      env: {
        HOST: '127.0.0.1',
        LOG_FORMAT: 'json',
        BROKER_AMQP_PORT: String(ports.BROKER_AMQP_PORT),
        BROKER_HTTP_PORT: String(ports.BROKER_HTTP_PORT),
        BROKER_SAS_KEY: emulatorKey,
        AUTH_JWKS_URL: `${profileUrl}/.well-known/jwks.json`,
      },
      stopWithinMs: 2_500,
    }),

    service('mailbox', {
      needs: [],
      nice: nice.mailbox ?? 0,
      script: join(root, 'apps/local/dist/mailbox/main.js'),
      env: {
        HOST: '127.0.0.1',
        MAILBOX_DIR: join(dataDir, 'mailbox'),
        MAILBOX_SMTP_PORT: String(ports.MAILBOX_SMTP_PORT),
        MAILBOX_HTTP_PORT: String(ports.MAILBOX_HTTP_PORT),
      },
      stopWithinMs: 2_000,
    }),

    service('profile', {
      needs: ['databases', 'broker'],
      script: main('profile'),
      nodeOptions: smallHeap,
      env: { ...environment(entry('profile')), SECRETS_DIR: secretsDir, CONSUMER_URLS: consumerUrls },
      stopWithinMs: 2_500,
    }),

    ...consumers.map((consumer) =>
      service(consumer.name, {
        needs: ['databases', 'broker', 'mailbox'],
        nice: nice[consumer.name] ?? 0,
        uses: ['profile'],
        script: main(consumer.name),
        nodeOptions: smallHeap,
        env: { ...environment(consumer), ...own[consumer.name] },
        stopWithinMs: 3_500,
      }),
    ),

    service('console', {
      nice: nice.console ?? 0,
      needs: ['broker'],
      uses: ['profile'],
      script: main('console'),
      nodeOptions: smallHeap,
      env: {
        ...environment(entry('console')),
        CONSUMER_URLS: consumerUrls,
      },
      stopWithinMs: 3_500,
    }),
  ];
}

const at = (port: number) => `127.0.0.1:${port}`;
const main = (app: string) => join(root, 'apps', app, 'dist/main.js');

function entry(name: string): Service {
  const found = services.find((service) => service.name === name);
  if (!found) throw new Error(`no service is called ${name}`);
  return found;
}
