import { join, resolve } from 'node:path';

/** The clone's folder; apps/local/src and apps/local/dist lie equally deep. */
export const root = join(import.meta.dirname, '../../..');

/** Every port of the platform on one machine: the variable that sets it, its default, and who listens there. */
export const portTable = {
  PROFILE_PORT: { standard: 3000, use: 'profile' },
  SEARCH_INDEXER_PORT: { standard: 3001, use: 'search-indexer' },
  ADDRESS_NOTIFICATIONS_PORT: { standard: 3002, use: 'address-notifications' },
  AUDIT_PORT: { standard: 3003, use: 'audit' },
  CONSOLE_PORT: { standard: 8080, use: 'console' },
  BROKER_AMQP_PORT: { standard: 5672, use: 'engine (AMQP)' },
  BROKER_HTTP_PORT: { standard: 5300, use: 'engine (HTTP)' },
  POSTGRES_PORT: { standard: 54320, use: 'PostgreSQL' },
  MAILBOX_SMTP_PORT: { standard: 1025, use: 'mailbox (SMTP)' },
  MAILBOX_HTTP_PORT: { standard: 8025, use: 'mailbox (HTTP)' },
} as const;

export type PortVariable = keyof typeof portTable;
export type Ports = Readonly<Record<PortVariable, number>>;

export interface Settings {
  /** Everything the platform keeps. */
  dataDir: string;
  /** Where the secrets lie, inside the data folder. */
  secretsDir: string;
  ports: Ports;
}

/** What the person at the terminal can put right; the message is one clear line. */
export class StartError extends Error {
  override readonly name = 'StartError';

  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** @throws StartError `BAD_PORT` */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  // A relative DATA_DIR is meant from where npm was called, not from where npm runs the script.
  const dataDir = resolve(env.DATA_DIR ? (env.INIT_CWD ?? '.') : root, env.DATA_DIR || '.data');
  return { dataDir, secretsDir: join(dataDir, 'secrets'), ports: readPorts(env) };
}

function readPorts(env: NodeJS.ProcessEnv): Ports {
  const taken = new Map<number, string>();
  const entries = Object.entries(portTable).map(([variable, { standard }]) => {
    const port = env[variable] ? Number(env[variable]) : standard;
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new StartError('BAD_PORT', `${variable}=${env[variable]} is no port: a number from 1 to 65535`);
    const other = taken.get(port);
    if (other)
      throw new StartError('BAD_PORT', `${other} and ${variable} are both ${port}: each needs its own port`);
    taken.set(port, variable);
    return [variable, port];
  });
  return Object.fromEntries(entries) as Ports;
}
