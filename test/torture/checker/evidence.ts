/** One line of a history file: what a process asked of the platform, and what came of it. */
export interface HistoryEntry {
  /** 1, 2, 3 … in its file. */
  seq: number;
  /** The machine's monotonic clock, nanoseconds, as text: comparable between processes. */
  monoNs: string;
  proc: string;
  op: 'create' | 'update' | 'read';
  /** `info`: a time-out, a reset or a 5xx, it may have happened; only a definite 4xx is `fail`. */
  phase: 'invoke' | 'ok' | 'fail' | 'info';
  /** Account number: known before the customer is. */
  customer: string;
  /** What a write puts into the customer; no two writes have the same. */
  token?: string;
  /** The customer's version after a write, or as it was read. */
  version?: number;
}

/** A customer in the profile service's database. */
export interface StoredCustomer {
  customer: string;
  id: string;
  version: number;
  /** What writes left in its fields. */
  tokens: readonly string[];
}

/** A record of the log, as one reader saw it. */
export interface LogObservation {
  observer: string;
  partition: string;
  sequenceNumber: number;
  offset: string;
  crc: number;
  eventId: string;
  /** Under which a consumer's inbox has it, where that is not its id: an event of another source than profile. */
  inboxKey?: string;
  type: string;
  /** Customer id. */
  subject: string;
  /** NaN of what is no version of a customer, as an administrator's act. */
  version: number;
  tokens: readonly string[];
}

/** A change of a position row, in the order of the commits. */
export interface Movement {
  partition: string;
  epoch: number;
  generation: number;
  sequenceNumber: number;
  /** The connection's name, where each process has one of its own. */
  writer?: string;
}

/** A process has taken a partition: only its own commits carry this epoch. */
export interface Lease {
  partition: string;
  epoch: number;
  writer: string;
}

/** An event in a consumer's inbox, or set aside, or what a test consumer noted. */
export interface Applied {
  eventId: string;
  generation: number;
  /** Index of the movement that was committed with it; absent where another transaction applied it. */
  movement?: number;
}

export interface GroupEvidence {
  group: string;
  /** Types that the group takes; undefined takes every one. */
  wanted?: readonly string[];
  movements: readonly Movement[];
  leases?: readonly Lease[];
  applied: readonly Applied[];
  /** Events that are set aside, or left without being applied (discarded, erased). */
  aside: readonly string[];
}

/** Effects a consumer's own tables show: one entry an effect, so that a doubled one is there twice. */
export interface EffectEvidence {
  consumer: string;
  /** Types of events that have an effect; undefined: every one has. */
  of?: readonly string[];
  eventIds: readonly string[];
  /** Whose effects they are, in the order in which they happened, where that can be told. */
  inOrder?: readonly { subject: string; version: number }[];
}

export interface SearchDocumentEvidence {
  id: string;
  version: number;
  tokens: readonly string[];
}

export interface AuditEvidence {
  /** In order of partition and position. */
  entries: readonly AuditEntryEvidence[];
  /** Ends of chains that were seen while the run went on, kept outside the audit's database. */
  heads: readonly ChainHeadEvidence[];
}

export interface AuditEntryEvidence {
  partition: number;
  position: number;
  eventId: string;
  source: string;
  type: string;
  subject: string | null;
  /** 0 of what is no version of a customer, as an administrator's act. */
  version: number;
  headers: string;
  body: Buffer;
  sequenceNumber: number;
  enqueuedAt: number;
  recordedAt: number;
  previousHash: string;
  hash: string;
}

export interface ChainHeadEvidence {
  partition: number;
  position: number;
  hash: string;
}

/** What a consumer left that nobody knows, one line an effect, and what it leaves when nothing goes wrong. */
export interface CalmEvidence {
  consumer: string;
  calm: readonly string[];
  found: readonly string[];
  /** Rows of its own that came to be in another transaction than the one that moved its position. */
  outside: readonly string[];
  /** Ids of the events that the hub has acknowledged. */
  sent: readonly string[];
}

/** Everything there is to judge a run by; what a test does not use stays away. */
export interface Evidence {
  history?: readonly HistoryEntry[];
  database?: readonly StoredCustomer[];
  log?: readonly LogObservation[];
  groups?: readonly GroupEvidence[];
  effects?: readonly EffectEvidence[];
  search?: readonly SearchDocumentEvidence[];
  calm?: CalmEvidence;
  audit?: AuditEvidence;
}
