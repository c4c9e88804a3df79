import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { AccessKey } from '../auth/sas-token.js';
import { loadAccessPolicies } from './access-policies.js';
import { ConfigError } from './config-error.js';
import { readLimits, type Limits } from './limits.js';

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
}

/**
 * Command line before environment before default:
 *
 * | flag | variable | default |
 * |---|---|---|
 * | `--config FILE`, repeatable | | config/eventhubs.json |
 * | `--data DIR` | BROKER_DATA_DIR | .data/broker |
 * | `--port N` | BROKER_AMQP_PORT | 5672 |
 * | `--http-port N` | BROKER_HTTP_PORT | 5300 |
 * | `--host NAME` | HOST | 127.0.0.1 |
 * | | BROKER_SAS_KEY | SAS_KEY_VALUE, on loopback only |
 * | | BROKER_SAS_KEY_FILE | a file that holds the key, where BROKER_SAS_KEY is not set |
 * | `--policies FILE` | BROKER_SAS_POLICIES_FILE | more key names and what each may do (access-policies.ts) |
 * | `--limit NAME=N`, repeatable | BROKER_LIMITS=NAME=N,NAME=N | see limits.ts |
 * | | PUBLISHED=loopback | this host's ports are not reachable from outside |
 *
 * @throws ConfigError one line
 */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): BrokerOptions {
  const { values } = parse(args);
  const options: BrokerOptions = {
    configFiles: values.config ?? ['config/eventhubs.json'],
    dataDir: values.data ?? env['BROKER_DATA_DIR'] ?? '.data/broker',
    host: values.host ?? env['HOST'] ?? '127.0.0.1',
    amqpPort: port(values.port ?? env['BROKER_AMQP_PORT'] ?? '5672', '--port / BROKER_AMQP_PORT'),
    httpPort: port(
      values['http-port'] ?? env['BROKER_HTTP_PORT'] ?? '5300',
      '--http-port / BROKER_HTTP_PORT',
    ),
    accessKeys: accessKeys(values.policies ?? env['BROKER_SAS_POLICIES_FILE'], env),
    limits: limits(values.limit ?? [], env['BROKER_LIMITS']),
  };
  const isDefault = options.accessKeys.some(({ key }) => key === DEFAULT_SAS_KEY);
  if (isDefault && !isLoopback(options.host) && env['PUBLISHED'] !== 'loopback') {
    throw new ConfigError(
      `HOST ${options.host} is not loopback: set BROKER_SAS_KEY, the default key is known to everybody (or PUBLISHED=loopback)`,
    );
  }
  return options;
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
        policies: { type: 'string' },
        port: { type: 'string' },
        'http-port': { type: 'string' },
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
