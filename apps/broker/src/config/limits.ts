import { ConfigError } from './config-error.js';

const KiB = 1024;
const MiB = 1024 * KiB;

export interface LimitDefinition {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** What the number counts: `bytes` and `ms` are said, others count what the name says. */
  readonly unit: 'bytes' | 'ms' | '';
  /** One sentence, as `docs/engine.md` shows it. */
  readonly doc: string;
}

/** What one engine, connection and link may take, so that memory is bounded whatever clients do. */
export const limitDefinitions = {
  maxConnections: {
    default: 1_000,
    min: 1,
    max: 100_000,
    unit: '',
    doc: 'AMQP connections, and as many HTTP connections. One more AMQP connection takes the place of the oldest without a token; else it is hung up on.',
  },
  authenticateMs: {
    default: 5_000,
    min: 100,
    max: 600_000,
    unit: 'ms',
    doc: 'A connection without a valid token is closed after this; a TLS handshake has as long before.',
  },
  idleTimeoutMs: {
    default: 60_000,
    min: 1_000,
    max: 3_600_000,
    unit: 'ms',
    doc: 'Silence of a client for twice this long ends its connection.',
  },
  httpRequestMs: {
    default: 10_000,
    min: 100,
    max: 600_000,
    unit: 'ms',
    doc: 'An HTTP request that has not arrived by then is hung up on.',
  },
  closeMs: {
    default: 1_000,
    min: 10,
    max: 60_000,
    unit: 'ms',
    doc: 'A client that does not answer `close` is cut off after this.',
  },
  maxFrameBytes: {
    default: 64 * KiB,
    min: 4 * KiB,
    max: 1 * MiB,
    unit: 'bytes',
    doc: 'One AMQP frame, header included.',
  },
  channelMax: {
    default: 4_095,
    min: 7,
    max: 65_535,
    unit: '',
    doc: 'The highest channel number of a connection; Azure clients open a session a link.',
  },
  maxSessions: {
    default: 1_024,
    min: 4,
    max: 65_536,
    unit: '',
    doc: 'Open sessions of a connection.',
  },
  maxLinksPerConnection: {
    default: 2_048,
    min: 4,
    max: 65_536,
    unit: '',
    doc: 'Open links of a connection.',
  },
  maxLinksBeforeToken: {
    default: 4,
    min: 2,
    max: 64,
    unit: '',
    doc: 'Open links, and sessions, of a connection without a valid token: `$cbs` needs two.',
  },
  maxRequestBytes: {
    default: 64 * KiB,
    min: 4 * KiB,
    max: 1 * MiB,
    unit: 'bytes',
    doc: 'A request to `$cbs` or `$management`.',
  },
  maxArrivingBytes: {
    default: 16 * MiB,
    min: 64 * KiB,
    max: 1_024 * MiB,
    unit: 'bytes',
    doc: 'Messages of a connection that have begun to arrive.',
  },
  maxMessageBytes: {
    default: 1 * MiB,
    min: 1 * KiB,
    max: 4 * MiB,
    unit: 'bytes',
    doc: 'An event or a batch; clients are told at attach and size their batches by it.',
  },
  senderCredit: {
    default: 500,
    min: 1,
    max: 10_000,
    unit: '',
    doc: 'Messages that a sender may have on the way.',
  },
  maxUnacknowledgedBytes: {
    default: 4 * MiB,
    min: 64 * KiB,
    max: 1_024 * MiB,
    unit: 'bytes',
    doc: 'Unacknowledged bytes of a connection above which its socket is not read.',
  },
  maxBacklogBytes: {
    default: 512 * KiB,
    min: 16 * KiB,
    max: 1_024 * MiB,
    unit: 'bytes',
    doc: 'Unsent bytes of a connection above which its receivers are given no more.',
  },
  maxReceivedBytes: {
    default: 64 * MiB,
    min: 1 * MiB,
    max: 16 * 1_024 * MiB,
    unit: 'bytes',
    doc: 'Messages of all connections that arrive or wait for the disk; above, who holds more than an equal part is not read.',
  },
  stalledMs: {
    default: 5_000,
    min: 100,
    max: 600_000,
    unit: 'ms',
    doc: 'Above `maxReceivedBytes`, a connection that began a message and sends nothing for so long is closed.',
  },
  maxUnsentBytes: {
    default: 64 * MiB,
    min: 1 * MiB,
    max: 16 * 1_024 * MiB,
    unit: 'bytes',
    doc: 'Unsent bytes of all connections; above, the receivers of who has more than an equal part are given no more.',
  },
  readBytes: {
    default: 128 * KiB,
    min: 4 * KiB,
    max: 16 * MiB,
    unit: 'bytes',
    doc: 'One read of a partition for a receiver.',
  },
  readCacheBytes: {
    default: 4 * MiB,
    min: 256 * KiB,
    max: 16_384 * MiB,
    unit: 'bytes',
    doc: 'What was read from disk last, for readers of all partitions that follow each other.',
  },
  tailCacheBytes: {
    default: 8 * MiB,
    min: 0,
    max: 16_384 * MiB,
    unit: 'bytes',
    doc: 'The newest records of all partitions together that stay in memory.',
  },
  segmentBytes: {
    default: 32 * MiB,
    min: 4 * KiB,
    max: 1_024 * MiB,
    unit: 'bytes',
    doc: 'A segment file of a partition is followed by the next one from this size on.',
  },
  maxPendingBytes: {
    default: 16 * MiB,
    min: 1 * MiB,
    max: 1_024 * MiB,
    unit: 'bytes',
    doc: 'Events of a partition that wait for its disk; beyond, sends are refused, `com.microsoft:server-busy`.',
  },
  maxProducers: {
    default: 1_000,
    min: 1,
    max: 100_000,
    unit: '',
    doc: 'Idempotent producers that a partition remembers; the one that was not used for longest is forgotten first.',
  },
  maxReaders: {
    default: 5,
    min: 1,
    max: 1_000,
    unit: '',
    doc: 'Readers without an owner level, a partition and consumer group.',
  },
  maxQueueMessageBytes: {
    default: 256 * KiB,
    min: 1 * KiB,
    max: 1 * MiB,
    unit: 'bytes',
    doc: 'A message or a batch for a queue or topic; clients are told at attach.',
  },
  maxQueueMessages: {
    default: 500_000,
    min: 1,
    max: 10_000_000,
    unit: '',
    doc: 'Messages that a queue or subscription holds, besides its MaxSizeInMegabytes; about 0.5 KiB of memory each.',
  },
  maxMessageIds: {
    default: 200_000,
    min: 1_000,
    max: 10_000_000,
    unit: '',
    doc: 'Message ids that a queue or topic with duplicate detection remembers; beyond, sends are refused.',
  },
  journalSegmentBytes: {
    default: 8 * MiB,
    min: 4 * KiB,
    max: 1_024 * MiB,
    unit: 'bytes',
    doc: 'A segment of the journal of queues and topics, which is kept at twice what their messages take, and four of these.',
  },
} as const satisfies Record<string, LimitDefinition>;

export type LimitName = keyof typeof limitDefinitions;
export type Limits = Readonly<Record<LimitName, number>>;

const names = Object.keys(limitDefinitions) as LimitName[];

export const defaultLimits = Object.fromEntries(
  names.map((name) => [name, limitDefinitions[name].default]),
) as Limits;

/**
 * @param settings `name=value`, a later one overrules an earlier one
 * @param where the flag or variable they come from, for the error
 * @throws ConfigError one line that names what is possible
 */
export function readLimits(settings: readonly string[], where: string, base = defaultLimits): Limits {
  const limits: Record<LimitName, number> = { ...base };
  for (const setting of settings) {
    const [name, text, ...rest] = setting.split('=').map((part) => part.trim());
    if (name === undefined || text === undefined || rest.length > 0) {
      throw new ConfigError(`${where}: '${setting}' must be name=value, for example maxConnections=200`);
    }
    if (!isLimit(name)) {
      throw new ConfigError(`${where}: '${name}' is no limit; there are ${names.join(', ')}`);
    }
    const { min, max, unit } = limitDefinitions[name];
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (!(value >= min && value <= max)) {
      const range = `a whole number from ${min} to ${max}${unit && ` ${unit}`}`;
      throw new ConfigError(`${where}: ${name} must be ${range}, not '${text}'`);
    }
    limits[name] = value;
  }
  return limits;
}

const isLimit = (name: string): name is LimitName => Object.hasOwn(limitDefinitions, name);
