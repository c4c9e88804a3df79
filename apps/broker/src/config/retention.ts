import { ConfigError } from './config-error.js';

/** How long, and how much of it, a hub keeps its events: whichever ends first. Without either everything stays. */
export interface HubRetention {
  readonly hours?: number;
  /** Of each partition. */
  readonly mib?: number;
}

const MOST = { hours: 1_000_000, mib: 1_000_000_000 };

/**
 * What holds for a hub that says nothing itself:
 *
 * | flag | variable | default |
 * |---|---|---|
 * | `--retention-hours N` | BROKER_RETENTION_HOURS | unlimited |
 * | `--retention-mib N`, a partition | BROKER_RETENTION_MIB | unlimited |
 *
 * @throws ConfigError
 */
export function readRetention(
  flags: { 'retention-hours'?: string | undefined; 'retention-mib'?: string | undefined },
  env: NodeJS.ProcessEnv,
): HubRetention {
  return retention(
    [flags['retention-hours'] ?? env['BROKER_RETENTION_HOURS'], '--retention-hours / BROKER_RETENTION_HOURS'],
    [flags['retention-mib'] ?? env['BROKER_RETENTION_MIB'], '--retention-mib / BROKER_RETENTION_MIB'],
  );
}

/**
 * The members of an entity that the official emulator's files do not have: `RetentionTimeInHours`, `RetentionMiB`.
 * @throws ConfigError
 */
export function retentionOf(entity: Record<string, unknown>, where: string): HubRetention {
  return retention(
    [entity['RetentionTimeInHours'], `${where}: RetentionTimeInHours`],
    [entity['RetentionMiB'], `${where}: RetentionMiB`],
  );
}

type Named = readonly [value: unknown, name: string];

function retention(hours: Named, mib: Named): HubRetention {
  return {
    ...(hours[0] !== undefined && { hours: wholeNumber(hours, MOST.hours) }),
    ...(mib[0] !== undefined && { mib: wholeNumber(mib, MOST.mib) }),
  };
}

/** As text too, as the emulator's files have numbers. */
function wholeNumber([value, name]: Named, most: number): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new ConfigError(`${name} must be a whole number from 1 to ${most}, not ${JSON.stringify(value)}`);
}
