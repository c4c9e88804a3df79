import { createHash } from 'node:crypto';
import type { AuditedEvent, AuditEntry, ChainedEntry, ChainHead } from './audit-entry.js';

/** What the first entry of every chain follows. */
export const genesisHash: Buffer = Buffer.alloc(32);

/** Names the encoding: another one would get another name, so that no two encodings yield the same bytes. */
const encoding = 'audit-entry/1';

/**
 * SHA-256 over the encoding's name, the chain position, the previous hash and every stored column, in this order. Each
 * field is its length in bytes (32 bits, big-endian; all ones for NULL) and its bytes; numbers are 64 bits, big-endian.
 * No two different entries have the same encoding.
 */
export function hashOf(entry: AuditEntry): Buffer {
  const parts = fieldsOf(entry).flatMap((field) => {
    if (field === null) return [nullLength];
    const bytes = bytesOf(field);
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

type Field = string | bigint | number | Buffer | null;

const fieldsOf = (entry: AuditEntry): Field[] => [
  encoding,
  entry.partitionId,
  entry.position,
  entry.previousHash,
  entry.eventId,
  entry.source,
  entry.type,
  entry.subject,
  entry.headers,
  entry.body,
  entry.sequenceNumber,
  entry.enqueuedAt,
  entry.recordedAt,
];

const nullLength = Buffer.alloc(4, 0xff);

function bytesOf(field: Exclude<Field, null>): Buffer {
  if (Buffer.isBuffer(field)) return field;
  if (typeof field === 'string') return Buffer.from(field, 'utf8');
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(BigInt(field));
  return bytes;
}

/** Appends events to a chain: the new entries, and where the chain ends then. */
export function extend(
  head: ChainHead,
  events: readonly AuditedEvent[],
  recordedAt: number,
): { entries: ChainedEntry[]; head: ChainHead } {
  const { partitionId } = head;
  let { position, hash } = head;
  const entries = events.map((event) => {
    position += 1n;
    const entry = { ...event, partitionId, position, recordedAt, previousHash: hash };
    hash = hashOf(entry);
    return { ...entry, hash };
  });
  return { entries, head: { partitionId, position, hash } };
}
