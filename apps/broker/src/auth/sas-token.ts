import { createHmac, timingSafeEqual } from 'node:crypto';
import { covers, pathSegments } from './entity-path.js';

export type Right = 'Send' | 'Listen' | 'Manage';

/** A key of the namespace. Rights are its own, so that a key that may only send can be given away. */
export interface AccessKey {
  readonly name: string;
  readonly key: string;
  readonly rights: readonly Right[];
}

/** What a token allows: a path and everything below it, until it expires. */
export interface Claim {
  readonly path: readonly string[];
  readonly rights: readonly Right[];
  /** Milliseconds since 1970. */
  readonly expires: number;
}

export type Verdict = { ok: true; claim: Claim } | { ok: false; reason: string };

const PREFIX = 'SharedAccessSignature ';
const MAX_TOKEN_CHARACTERS = 4096;
const fields = ['sr', 'sig', 'se', 'skn'] as const;

export const isSasToken = (token: string): boolean => token.startsWith(PREFIX);

const refused = (reason: string): Verdict => ({ ok: false, reason });

/**
 * Verifies `SharedAccessSignature sr=<uri>&sig=<base64>&se=<unix seconds>&skn=<key name>`, in any order of
 * fields, each exactly once: sig = HMAC-SHA256(key, sr as received + "\n" + se).
 *
 * @param audience what the client says the token is for; the token must cover it
 * @param now milliseconds since 1970
 */
export function verifySasToken(
  token: string,
  audience: string,
  keys: readonly AccessKey[],
  now: number,
): Verdict {
  if (!isSasToken(token) || token.length > MAX_TOKEN_CHARACTERS) return refused('no SAS token');
  const given = new Map<string, string>();
  for (const part of token.slice(PREFIX.length).split('&')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, equals);
    if (equals < 1 || given.has(name)) return refused('a malformed SAS token');
    given.set(name, part.slice(equals + 1));
  }
  const [sr, sig, se, skn] = fields.map((name) => given.get(name));
  if (sr === undefined || sig === undefined || se === undefined || skn === undefined || given.size !== 4) {
    return refused('a malformed SAS token');
  }
  const [resource, signature, keyName] = [decoded(sr), decoded(sig), decoded(skn)];
  if (resource === undefined || signature === undefined || !/^\d{1,12}$/.test(se)) {
    return refused('a malformed SAS token');
  }
  const key = keys.find(
    ({ name, key: secret }) => name === keyName && isSignedWith(secret, `${sr}\n${se}`, signature),
  );
  if (key === undefined) return refused('the signature is invalid');
  const expires = Number(se) * 1000;
  if (expires <= now) return refused('the token is expired');
  const path = pathSegments(resource);
  if (!covers(path, pathSegments(audience))) return refused('the token is for another entity');
  return { ok: true, claim: { path, rights: key.rights, expires } };
}

function isSignedWith(key: string, text: string, signature: string): boolean {
  const wanted = createHmac('sha256', key).update(text).digest();
  const given = Buffer.from(signature, 'base64');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // not percent-encoded text: the caller refuses it
  }
}
