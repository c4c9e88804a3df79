import { createHash } from 'node:crypto';
import { validate } from 'uuid';

/**
 * The inbox's key of an event id. Ids of ours are UUIDs and kept as they are; a foreign producer's id may be any text
 * (CloudEvents 1.0 §3.1.1), of which a UUIDv8 (RFC 9562 §5.8) is made from its SHA-256.
 */
export function inboxKey(eventId: string): string {
  if (validate(eventId)) return eventId.toLowerCase();
  const hash = createHash('sha256').update(eventId, 'utf8').digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
