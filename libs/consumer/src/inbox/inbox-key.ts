import { createHash } from 'node:crypto';
import { validate } from 'uuid';

/** Source of the platform's own events, whose ids are UUIDs. */
const ownSource = '/profile';

/**
 * The inbox's key of an event. An id of ours is a UUID and kept as it is, so that an effect is found by it. Elsewhere ids
 * are any text and distinct only together with their source (CloudEvents 1.0 §3.1.1): a UUIDv8 (RFC 9562 §5.8) is made of
 * both, from their SHA-256.
 */
export function inboxKey(id: string, source: string = ownSource): string {
  if (source === ownSource && validate(id)) return id.toLowerCase();
  const hash = createHash('sha256').update(`${source}\0${id}`, 'utf8').digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
