import { createCipheriv, createDecipheriv } from 'node:crypto';
import { randomPool } from './random-pool.js';

/**
 * Personal data is sealed as a compact JWE (RFC 7516 §3.1) with direct encryption (`alg: dir`, RFC 7518 §4.5) and
 * A256GCM (§5.3): `header..iv.ciphertext.tag`, the encoded header being the additional authenticated data
 * (RFC 7516 §5.1 step 14). node:crypto seals in about 7 µs where a general JOSE library takes 170; the tests hold both
 * against jose.
 */
const keyBytes = 32;
const ivBytes = 12;
const tagBytes = 16;

/** The customer's key is gone, or the wrong one: the text cannot be opened. */
export class UnsealError extends Error {
  readonly code = 'UNSEAL_FAILED';
}

const randomBytes = randomPool();

export function newPersonalDataKey(): Buffer {
  return randomBytes(keyBytes);
}

/** @param kid names the key: the id of the customer it belongs to. @param key 32 bytes. */
export function seal(personal: unknown, kid: string, key: Uint8Array): string {
  const header = base64url(JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid }));
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from(header, 'ascii'));
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(personal), 'utf8'), cipher.final()]);
  const tag = cipher.getAuthTag();
  return `${header}..${iv.toString('base64url')}.${ciphertext.toString('base64url')}.${tag.toString('base64url')}`;
}

/** @throws {UnsealError} when the text is no such JWE, was altered, or was sealed under another key. */
export function open(jwe: string, key: Uint8Array): unknown {
  const [header, encryptedKey, iv, ciphertext, tag, ...rest] = jwe.split('.');
  if (!header || encryptedKey !== '' || !iv || !ciphertext || !tag || rest.length > 0) {
    throw new UnsealError('not a compact JWE with direct encryption');
  }
  const { alg, enc } = headerOf(header);
  if (alg !== 'dir' || enc !== 'A256GCM') {
    throw new UnsealError('the JWE is not sealed with dir and A256GCM');
  }
  const authTag = Buffer.from(tag, 'base64url');
  const nonce = Buffer.from(iv, 'base64url');
  // RFC 7518 §5.3: 96-bit IV and 128-bit tag; a shorter tag would weaken the check.
  if (authTag.length !== tagBytes || nonce.length !== ivBytes)
    throw new UnsealError('wrong IV or tag length');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce);
    decipher.setAAD(Buffer.from(header, 'ascii'));
    decipher.setAuthTag(authTag);
    // A stream cipher mode: nothing is left for final(), which checks the tag (RFC 5116 §2.2).
    const plain = decipher.update(Buffer.from(ciphertext, 'base64url'));
    decipher.final();
    return JSON.parse(plain.toString('utf8'));
  } catch (cause) {
    throw new UnsealError('the sealed personal data does not open with this key', { cause });
  }
}

/** @throws {UnsealError} when the text carries no key id. */
export function kidOf(jwe: string): string {
  const { kid } = headerOf(jwe.slice(0, Math.max(jwe.indexOf('.'), 0)));
  if (typeof kid !== 'string') throw new UnsealError('the JWE names no key');
  return kid;
}

function headerOf(encoded: string): { alg?: unknown; enc?: unknown; kid?: unknown } {
  try {
    const header: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    if (typeof header === 'object' && header !== null) return header;
  } catch (cause) {
    throw new UnsealError('the JWE header is not JSON', { cause });
  }
  throw new UnsealError('the JWE header is not an object');
}

function base64url(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}
