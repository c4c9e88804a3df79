import { validate } from 'uuid';
import type { ChainedEntry } from '../domain/audit-entry.js';

/** An entry as the API answers it. */
export interface AuditEntryDto {
  id: string;
  partitionId: number;
  position: number;
  type: string;
  source: string;
  /** Null where it is about no customer. */
  customerId: string | null;
  sequenceNumber: number;
  enqueuedAt: string;
  recordedAt: string;
  /** The application properties as they were received. */
  headers: Record<string, unknown>;
  /** `data` where it is JSON, personal data sealed; otherwise its bytes as base64. */
  data?: unknown;
  dataBase64?: string;
  /** Hexadecimal SHA-256. */
  previousHash: string;
  hash: string;
}

export function dtoOf(entry: ChainedEntry): AuditEntryDto {
  return {
    id: entry.eventId,
    partitionId: entry.partitionId,
    position: Number(entry.position),
    type: entry.type,
    source: entry.source,
    customerId: validate(entry.subject ?? '') ? entry.subject : null,
    sequenceNumber: entry.sequenceNumber,
    enqueuedAt: new Date(entry.enqueuedAt).toISOString(),
    recordedAt: new Date(entry.recordedAt).toISOString(),
    headers: JSON.parse(entry.headers) as Record<string, unknown>,
    ...dataOf(entry.body),
    previousHash: entry.previousHash.toString('hex'),
    hash: entry.hash.toString('hex'),
  };
}

function dataOf(body: Buffer): { data: unknown } | { dataBase64: string } {
  try {
    return { data: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) };
  } catch {
    // Not JSON: a foreign event, kept and shown byte for byte.
    return { dataBase64: body.toString('base64') };
  }
}
