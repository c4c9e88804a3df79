import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestIssuer } from '@app/testing';
import { KeyRing } from '@app/testing/consumer';

/** Answers the calls that a consumer in any language makes to profile: a token, keys, its registration, an erasure confirmed. */
export class ProfileStandIn {
  readonly keys = new KeyRing();
  readonly registered = new Set<string>();
  /** Ids of erasures. */
  readonly confirmed = new Set<string>();
  token = 'a-token';
  private jwks: object = { keys: [] };
  private readonly server = createServer((request, response) => {
    this.answer(request).then(
      (body) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body)),
      (error: Error) => response.writeHead(Number(error.message) || 500).end(error.message),
    );
  });

  /** @param issuer whose tokens it hands out, where the consumer checks those that it is shown */
  async listen(issuer?: TestIssuer): Promise<void> {
    if (issuer) {
      this.token = await issuer.token();
      this.jwks = { keys: [await publicKeyOf(issuer)] };
    }
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage): Promise<object> {
    if (request.url === '/.well-known/jwks.json') return this.jwks;
    if (request.url === '/oauth/token') return { access_token: this.token, expires_in: 3_600 };
    if (request.headers.authorization !== `Bearer ${this.token}`) throw new Error('401');
    const text = await textOf(request);
    // As profile does: who says JSON sends some.
    if (text === '' && request.headers['content-type'] !== undefined) throw new Error('400');
    const body = JSON.parse(text || '{}') as { customerIds?: string[] };
    const [, group] = /^\/v1\/consumer-groups\/(.+)$/.exec(request.url ?? '') ?? [];
    if (group !== undefined) this.registered.add(group);
    const [, erasure] = /^\/v1\/erasures\/(.+)\/confirmations$/.exec(request.url ?? '') ?? [];
    if (erasure !== undefined) this.confirmed.add(erasure);
    const keys = await this.keys.fetch(body.customerIds ?? []);
    const items = [...keys].map(([customerId, key]) =>
      key.erased
        ? { customerId, erased: true }
        : {
            customerId,
            key: { kty: 'oct', alg: 'A256GCM', kid: customerId, k: key.key.toString('base64url') },
          },
    );
    return { items };
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

async function publicKeyOf({ secretsDir }: TestIssuer): Promise<object> {
  const key = JSON.parse(await readFile(join(secretsDir, 'issuer.jwk.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  const { kty, crv, x, y, alg, use, kid } = key;
  return { kty, crv, x, y, alg, use, kid };
}
