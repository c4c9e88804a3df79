import { createHash } from 'node:crypto';
import type { AuditEntryEvidence, AuditEvidence } from './evidence.js';
import type { Findings } from './findings.js';

const genesis = '00'.repeat(32);

/**
 * Point 8: the chain recomputed from its first entry, by code that shares nothing with the audit's own. An end that was
 * seen earlier, and kept elsewhere, must still be in it: without that, a cut tail is invisible.
 */
export function checkChain({ entries, heads }: AuditEvidence, findings: Findings): void {
  const hashes = new Map<string, string>();
  const ends = new Map<number, { position: number; hash: string }>();
  for (const entry of entries) {
    const { partition, position } = entry;
    const name = `partition ${partition}, position ${position}`;
    const before = ends.get(partition) ?? { position: 0, hash: genesis };
    if (position !== before.position + 1) findings.add('chain-broken', `${name} follows ${before.position}`);
    else if (entry.previousHash !== before.hash) findings.add('chain-broken', `${name} is not linked`);
    else if (hashOf(entry) !== entry.hash) findings.add('chain-broken', `${name} was altered`);
    ends.set(partition, { position, hash: entry.hash });
    hashes.set(`${partition} ${position}`, entry.hash);
  }
  for (const { partition, position, hash } of heads) {
    if (position > 0 && hashes.get(`${partition} ${position}`) !== hash)
      findings.add('tail-cut', `partition ${partition} once ended at ${position} with ${hash.slice(0, 12)}`);
  }
}

/** `audit-entry/1`, as docs and code of the audit define it: each field with its length, numbers in 64 bits. */
export function hashOf(entry: AuditEntryEvidence): string {
  const hash = createHash('sha256');
  const fields = [
    'audit-entry/1',
    number(entry.partition),
    number(entry.position),
    Buffer.from(entry.previousHash, 'hex'),
    entry.eventId,
    entry.source,
    entry.type,
    entry.subject,
    entry.headers,
    entry.body,
    number(entry.sequenceNumber),
    number(entry.enqueuedAt),
    number(entry.recordedAt),
  ];
  for (const field of fields) {
    const bytes = field === null ? null : Buffer.from(field as string);
    const length = Buffer.alloc(4, 0xff);
    if (bytes) length.writeUInt32BE(bytes.length);
    hash.update(length);
    if (bytes) hash.update(bytes);
  }
  return hash.digest('hex');
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
