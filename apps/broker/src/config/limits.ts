const KiB = 1024;
const MiB = 1024 * KiB;

/** What one engine, connection and link may take: constants, so that memory is bounded whatever clients do. */
export const limits = {
  maxConnections: 1_000,
  /** A connection without a valid token is closed after this. */
  authenticateMs: 5_000,
  /** Silence of a client for twice this long ends its connection. */
  idleTimeoutMs: 60_000,
  /** A client that does not answer our `close` is cut off after this. */
  closeMs: 1_000,
  maxFrameBytes: 64 * KiB,
  channelMax: 4_095,
  maxSessions: 1_024,
  maxLinksPerConnection: 2_048,
  /** Enough for `$cbs`: what a client may open that has not put a valid token yet. */
  maxLinksBeforeToken: 4,
  /** A request to `$cbs` or `$management`. */
  maxRequestBytes: 64 * KiB,
  /** Messages of one connection that have begun to arrive. */
  maxArrivingBytes: 16 * MiB,
  /** Published by Azure for an event and for a batch. */
  maxMessageBytes: 1 * MiB,
  /** Messages a sender may have on the way to us. */
  senderCredit: 500,
  /** Unacknowledged bytes of one connection above which its socket is not read. */
  maxUnacknowledgedBytes: 4 * MiB,
  /** Unsent bytes of one connection above which its receivers are given no more. */
  maxBacklogBytes: 512 * KiB,
  /** One read of a partition for a receiver. */
  readBytes: 128 * KiB,
  /** The newest records of all partitions together that stay in memory. */
  tailCacheBytes: 8 * MiB,
  /** Readers without an owner level, a partition and consumer group. */
  maxReaders: 5,
} as const;

export type Limits = typeof limits;
