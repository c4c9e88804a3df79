/** An event as the audit keeps it: unopened, personal data sealed. */
export interface AuditedEvent {
  /** CloudEvents `id` and `source`: together they name the event. */
  eventId: string;
  source: string;
  type: string;
  /** CloudEvents `subject`: the customer's id in the platform's own events. */
  subject: string | null;
  /** The message's application properties, the CloudEvents attributes among them: JSON with sorted names. */
  headers: string;
  /** `data` as it was received. */
  body: Buffer;
  /** Where the stream holds it. */
  sequenceNumber: number;
  /** Milliseconds since 1970, as the stream says. */
  enqueuedAt: number;
}

/** Everything of a stored entry that its hash covers. */
export interface AuditEntry extends AuditedEvent {
  /** One chain a partition, so that partitions neither wait for one another nor fork a chain. */
  partitionId: number;
  /** 1, 2, 3 … in the chain. */
  position: bigint;
  /** Milliseconds since 1970, our own clock. */
  recordedAt: number;
  previousHash: Buffer;
}

export interface ChainedEntry extends AuditEntry {
  hash: Buffer;
}

/** Where a chain ends. */
export interface ChainHead {
  partitionId: number;
  position: bigint;
  hash: Buffer;
}
