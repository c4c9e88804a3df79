import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** What a publisher shows, as `@azure/eventgrid` sends it: the key itself, or a token that the key has signed. */
export interface Credentials {
  key: string | undefined;
  token: string | undefined;
}

const longest = 4_096;

/** @param keys base64, any of which will do */
export function isAuthorised({ key, token }: Credentials, keys: readonly string[], now: Date): boolean {
  if (key !== undefined) return keys.some((known) => isSame(key, known));
  return token !== undefined && token.length <= longest && keys.some((known) => holds(token, known, now));
}

/** `r=<resource>&e=<expiry>&s=<HMAC-SHA256 of all before, in base64>`, each URL-encoded. */
function holds(token: string, key: string, now: Date): boolean {
  const [, signed, expiry, signature] = /^(r=[^&]+&e=([^&]+))&s=([^&]+)$/.exec(token) ?? [];
  if (signed === undefined || expiry === undefined || signature === undefined) return false;
  const expected = createHmac('sha256', Buffer.from(key, 'base64')).update(signed).digest('base64');
  const until = expiryOf(decoded(expiry));
  return isSame(decoded(signature), expected) && until !== undefined && until > now.getTime();
}

/** `M/d/yyyy h:mm:ss tt` in UTC, as .NET writes it, or ISO 8601. */
function expiryOf(text: string): number | undefined {
  const time = Date.parse(/(?:AM|PM)$/.test(text) ? `${text} UTC` : text);
  return Number.isNaN(time) ? undefined : time;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** In the same time, whatever the lengths. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
