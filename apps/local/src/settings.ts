import { join, resolve } from 'node:path';
import { portVariableOf, type ServicePort, services } from './services.js';

/** The clone's folder; apps/local/src and apps/local/dist lie equally deep. */
export const root = join(import.meta.dirname, '../../..');

interface PortEntry {
  standard: number;
  /** Who listens there. */
  use: string;
}

/** What listens beside the services. */
const infrastructure = {
  BROKER_AMQP_PORT: { standard: 5672, use: 'engine (AMQP)' },
  BROKER_HTTP_PORT: { standard: 5300, use: 'engine (HTTP)' },
  POSTGRES_PORT: { standard: 54320, use: 'PostgreSQL' },
  MAILBOX_SMTP_PORT: { standard: 1025, use: 'mailbox (SMTP)' },
  MAILBOX_HTTP_PORT: { standard: 8025, use: 'mailbox (HTTP)' },
} as const satisfies Record<string, PortEntry>;

export type PortVariable = ServicePort | keyof typeof infrastructure;

/** Every port of the platform on one machine: the variable that sets it, its default, and who listens there. */
export const portTable = {
  ...Object.fromEntries(
    services.map(({ name, port }) => [portVariableOf(name), { standard: port, use: name }]),
  ),
  ...infrastructure,
} as Readonly<Record<PortVariable, PortEntry>>;

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
