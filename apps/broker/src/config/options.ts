import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { clockFrom } from '@app/clock';
import type { AccessKey } from '../auth/sas-token.js';
import { loadAccessPolicies } from './access-policies.js';
import { ConfigError } from './config-error.js';
import { readLimits, type Limits } from './limits.js';
import type { TlsFiles } from './tls.js';
import { readTokenIssuer, type TokenIssuer } from './token-issuer.js';
import { readRetention, type HubRetention } from './retention.js';

const ROOT_POLICY = 'RootManageSharedAccessKey';
export const DEFAULT_SAS_KEY = 'SAS_KEY_VALUE';

export interface BrokerOptions {
  /** Files in the official emulators' formats. */
  readonly configFiles: readonly string[];
  readonly dataDir: string;
  readonly host: string;
  /** 0 = any free port. */
  readonly amqpPort: number;
  readonly httpPort: number;
  /** Every key that a token may be signed with; two of one name are its primary and secondary key. */
  readonly accessKeys: readonly AccessKey[];
  readonly limits: Limits;
  /** Set where both ports speak TLS; without it neither does. */
  readonly tls: TlsFiles | undefined;
  /** Others can reach the ports: the host is not loopback, and nothing says that it is not published. */
  readonly isPublic: boolean;
  /** Set where bearer tokens open the HTTP door, too. */
  readonly tokenIssuer: TokenIssuer | undefined;
  /** Of the hubs that have none of their own. */
  readonly retention: HubRetention;
  /** What Service Bus goes by; `movable` with CLOCK=virtual. */
  readonly clock: ReturnType<typeof clockFrom>;
}

/**
 * Command line before environment before default:
 *
 * | flag | variable | default |
 * |---|---|---|
 * | `--config FILE`, repeatable | | config/eventhubs.json and config/servicebus.json |
 * | `--data DIR` | BROKER_DATA_DIR | .data/broker |
 * | `--port N` | BROKER_AMQP_PORT | 5672, with TLS 5671 |
 * | `--http-port N` | BROKER_HTTP_PORT | 5300 |
 * | `--host NAME` | HOST | 127.0.0.1 |
 * | | BROKER_SAS_KEY | SAS_KEY_VALUE, on loopback only |
 * | | BROKER_SAS_KEY_FILE | a file that holds the key, where BROKER_SAS_KEY is not set |
 * | `--policies FILE` | BROKER_SAS_POLICIES_FILE | more key names and what each may do (access-policies.ts) |
 * | `--tls-cert FILE` | BROKER_TLS_CERT_FILE | none: plain TCP and HTTP |
 * | `--tls-key FILE` | BROKER_TLS_KEY_FILE | |
 * | `--limit NAME=N`, repeatable | BROKER_LIMITS=NAME=N,NAME=N | see limits.ts |
 * | `--retention-hours N`, `--retention-mib N` | BROKER_RETENTION_HOURS, BROKER_RETENTION_MIB | see retention.ts |
 * | | AUTH_JWKS_URL, AUTH_ISSUER, AUTH_AUDIENCE | none: SAS tokens alone open the HTTP door |
 * | | CLOCK=virtual | the machine's; not on a host that others can reach |
 * | | PUBLISHED=loopback | this host's ports are not reachable from outside |
 *
 * @throws ConfigError one line
 */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): BrokerOptions {
  const { values } = parse(args);
  const tls = tlsFiles(
    values['tls-cert'] ?? env['BROKER_TLS_CERT_FILE'],
    values['tls-key'] ?? env['BROKER_TLS_KEY_FILE'],
  );
  const host = values.host ?? env['HOST'] ?? '127.0.0.1';
  const amqpPort = values.port ?? env['BROKER_AMQP_PORT'] ?? (tls === undefined ? '5672' : '5671');
  const options: BrokerOptions = {
    configFiles: values.config ?? ['config/eventhubs.json', 'config/servicebus.json'],
    dataDir: values.data ?? env['BROKER_DATA_DIR'] ?? '.data/broker',
    host,
    amqpPort: port(amqpPort, '--port / BROKER_AMQP_PORT'),
    httpPort: port(
      values['http-port'] ?? env['BROKER_HTTP_PORT'] ?? '5300',
      '--http-port / BROKER_HTTP_PORT',
    ),
    accessKeys: accessKeys(values.policies ?? env['BROKER_SAS_POLICIES_FILE'], env),
    limits: limits(values.limit ?? [], env['BROKER_LIMITS']),
    tls,
    isPublic: !isLoopback(host) && env['PUBLISHED'] !== 'loopback',
    tokenIssuer: readTokenIssuer(env),
    retention: readRetention(values, env),
    clock: clock(env),
  };
  const isDefault = options.accessKeys.some(({ key }) => key === DEFAULT_SAS_KEY);
  if (isDefault && options.isPublic) {
    throw new ConfigError(
      `HOST ${options.host} is not loopback: set BROKER_SAS_KEY, the default key is known to everybody (or PUBLISHED=loopback)`,
    );
  }
  if (options.clock.movable !== undefined && options.isPublic)
    throw new ConfigError(`HOST ${options.host} is not loopback: CLOCK=virtual is for tests`);
  return options;
}

function clock(env: NodeJS.ProcessEnv): ReturnType<typeof clockFrom> {
  try {
    return clockFrom(env);
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}

/** The root key, unless the policies have it themselves, and those of the policies. */
function accessKeys(policiesFile: string | undefined, env: NodeJS.ProcessEnv): AccessKey[] {
  const policies = policiesFile === undefined ? [] : loadAccessPolicies(policiesFile);
  if (policies.some(({ name }) => name === ROOT_POLICY)) return policies;
  const key = env['BROKER_SAS_KEY'] ?? keyFrom(env['BROKER_SAS_KEY_FILE']) ?? DEFAULT_SAS_KEY;
  if (key === '') throw new ConfigError('BROKER_SAS_KEY (or the file of BROKER_SAS_KEY_FILE) is empty');
  return [{ name: ROOT_POLICY, key, rights: ['Send', 'Listen', 'Manage'] }, ...policies];
}

function keyFrom(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ConfigError(`BROKER_SAS_KEY_FILE: ${(error as Error).message}`);
  }
}

function tlsFiles(certFile: string | undefined, keyFile: string | undefined): TlsFiles | undefined {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) {
    throw new ConfigError(
      'TLS needs both --tls-cert (BROKER_TLS_CERT_FILE) and --tls-key (BROKER_TLS_KEY_FILE)',
    );
  }
  return { certFile, keyFile };
}

/** A flag overrules the variable, limit by limit. */
function limits(flags: readonly string[], variable: string | undefined): Limits {
  const listed = (variable ?? '').split(',').filter((setting) => setting.trim() !== '');
  return readLimits(flags, '--limit', readLimits(listed, 'BROKER_LIMITS'));
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        config: { type: 'string', multiple: true },
        data: { type: 'string' },
        host: { type: 'string' },
        limit: { type: 'string', multiple: true },
        'tls-cert': { type: 'string' },
        'tls-key': { type: 'string' },
        policies: { type: 'string' },
        port: { type: 'string' },
        'http-port': { type: 'string' },
        'retention-hours': { type: 'string' },
        'retention-mib': { type: 'string' },
      },
    });
  } catch (error) {
    throw new ConfigError((error as Error).message.split('. ')[0] ?? 'wrong arguments');
  }
}

function port(text: string, name: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new ConfigError(`${name} must be a port number, not '${text}'`);
  }
  return value;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
