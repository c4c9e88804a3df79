/**
 * One partition: an append-only sequence of records, each with a gapless sequence number and an offset.
 * An offset is the record's logical byte position, so it grows by more than one a record, as on Azure.
 */

/** Where a record stands. Sequence numbers start at 0 and have no gap; times never go back. */
export interface Position {
  readonly offset: number;
  readonly sequenceNumber: number;
  /** Milliseconds since 1970. */
  readonly enqueuedTime: number;
}

/**
 * What is to be appended. The bytes may depend on the position, which is known only inside `append`
 * (an AMQP message carries its own offset), so they are asked for there.
 */
export interface Payload {
  /** An upper bound of what `write` writes, in bytes. */
  readonly maxBytes: number;
  /** Writes the payload into `target` from `at` on; answers the index after its last byte. Never throws. */
  write(target: Buffer, at: number, position: Position): number;
}

export interface LogRecord extends Position {
  /** Shared with the log: not to be changed. */
  readonly payload: Buffer;
}

/** What a reader can see: everything below `next` is durable, nothing at or above it is shown. */
export interface LogState {
  /**
   * The first record that is still there; where the next one goes, if there is none. It never goes back, and
   * nothing before it is shown: a cursor or a position that lies there stands for the begin.
   */
  readonly begin: { readonly offset: number; readonly sequenceNumber: number };
  /** Where the next record goes. */
  readonly next: { readonly offset: number; readonly sequenceNumber: number };
  /** The last durable record, also when it has expired. */
  readonly last: Position | undefined;
}

/** Where a reader starts. `inclusive` = the record that matches exactly is part of the answer. */
export type StartPosition =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  | {
      readonly kind: 'offset' | 'sequenceNumber' | 'enqueuedTime';
      readonly value: number;
      readonly inclusive: boolean;
    };

export interface ReadLimits {
  /** At least one record is answered where there is one, however large. */
  readonly maxBytes: number;
  readonly maxRecords: number;
}

export interface ReadResult {
  readonly records: LogRecord[];
  /** The cursor to go on from. */
  readonly next: number;
}

/** Records next to each other, for who passes them on without looking at each. */
export interface FoundRecords {
  /** Where each record ends: RECORD_HEADER_BYTES of the log's own, then the payload, then the next record. */
  readonly ends: readonly number[];
  /** Writes them from the target's first byte on. To be called before who was given them returns. */
  readonly copyTo: (target: Buffer) => void;
}

/** Answers whether the records were taken. */
export type TakeRecords = (found: FoundRecords) => boolean;

export interface PartitionLog {
  readonly state: LogState;
  /** Bytes taken by `append` that are not durable yet. Bounded: beyond, `append` refuses. */
  readonly pendingBytes: number;
  /** Set once the log has failed: it acknowledges nothing more until it is opened again. */
  readonly failure: Error | undefined;
  /**
   * Takes the payloads, in order and next to each other, and answers their positions once they are durable.
   * @throws LogFailedError the log has failed before, or its sync has just failed
   * @throws AppendRefusedError nothing was kept (disk full, or too slow for what waits); the log goes on
   * @throws LogClosedError
   */
  append(payloads: readonly Payload[]): Promise<Position[]>;
  /** The cursor of the first record at or after the start position; the end where there is none. */
  locate(start: StartPosition): Promise<number>;
  /**
   * Durable records from a cursor on (one that `locate` or `read` has answered).
   * @throws CorruptLogError a record on disk is not what was written
   */
  read(cursor: number, limits: ReadLimits): Promise<ReadResult>;
  /**
   * The same records for who has memory of its own to copy them to; answers the cursor to go on from.
   * @param take called once where there are records, else not at all
   * @throws CorruptLogError before `take` is called
   */
  copyOut(cursor: number, limits: ReadLimits, take: TakeRecords): Promise<number>;
  /** Called after records became durable. Answers how to stop it. */
  onDurable(listener: () => void): () => void;
  /**
   * Removes what retention lets go. To be called now and then, and again after an error.
   * @throws what the disk answered; the log goes on, and nothing that must stay is gone
   */
  expire(): Promise<void>;
  /** Waits for what was appended, then lets go of the files. */
  close(): Promise<void>;
}
