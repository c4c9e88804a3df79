import { createHash } from 'node:crypto';

/** An answer as it is stored, and given again to who retries. */
export interface StoredAnswer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** A request that its client can retry: it names a key, which is the client's own. */
export interface KeyedRequest {
  /** Client and key, as a digest: whatever a client makes its keys of, no table holds it. */
  hash: Buffer;
  /** What was asked: a retry asks for the same. Of a body that is streamed, once it was read: {@link withBytes}. */
  request: string;
}

/** Says what the bytes of a streamed body were, by their digest. */
export function withBytes(keyed: KeyedRequest, digest: string): void {
  keyed.request = createHash('sha256').update(`${keyed.request} ${digest}`).digest('base64url');
}

export function keyedRequest(asked: {
  client: string;
  key: string;
  method: string;
  url: string;
  body: unknown;
}): KeyedRequest {
  const { client, key, method, url, body } = asked;
  return {
    hash: createHash('sha256')
      .update(JSON.stringify([client, key]))
      .digest(),
    request: createHash('sha256')
      .update(JSON.stringify([method, url, inOrder(body)]))
      .digest('base64url'),
  };
}

/** The same document, whatever order its members came in (RFC 8259 §4: objects are unordered). */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, inOrder(member)]);
}
