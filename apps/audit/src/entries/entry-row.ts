import type { ChainedEntry } from '../domain/audit-entry.js';

/** The columns of an entry, as the driver hands them over. */
export interface EntryRow {
  partition_id: number;
  position: string;
  event_id: string;
  source: string;
  type: string;
  subject: string | null;
  headers: string;
  body: Buffer;
  sequence_number: string;
  enqueued_at: string;
  recorded_at: string;
  previous_hash: Buffer;
  hash: Buffer;
}

export const entryColumns =
  'partition_id, position, event_id, source, type, subject, headers, body, ' +
  'sequence_number, enqueued_at, recorded_at, previous_hash, hash';

export function entryOf(row: EntryRow): ChainedEntry {
  return {
    partitionId: row.partition_id,
    position: BigInt(row.position),
    eventId: row.event_id,
    source: row.source,
    type: row.type,
    subject: row.subject,
    headers: row.headers,
    body: row.body,
    sequenceNumber: Number(row.sequence_number),
    enqueuedAt: Number(row.enqueued_at),
    recordedAt: Number(row.recorded_at),
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}
