import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { timingSafeEqual, createHash } from 'node:crypto';
import { EnvironmentError, signToken } from '@app/service-defaults';
import type { JWK } from 'jose';
import { z } from 'zod';

const clientsFile = z.record(
  z.string(),
  z.object({ secret: z.string().min(16), scopes: z.array(z.string()) }),
);

export interface IssuedToken {
  access_token: string;
  token_type: 'Bearer';
  expires_in: number;
  scope: string;
}

const lifetimeSeconds = 3600;

/**
 * The OpenID issuer of a platform that has no other: it signs tokens for the platform's own services (OAuth 2.0 client
 * credentials) and publishes its key. Its files are made once by apps/local; no secret is ever logged.
 */
export class LocalIssuer {
  private constructor(
    private readonly privateJwk: JWK,
    private readonly clients: z.infer<typeof clientsFile>,
    private readonly claims: { issuer: string; audience: string },
  ) {}

  /** @throws {EnvironmentError} when the folder does not hold a key and clients. */
  static async load(directory: string, claims: { issuer: string; audience: string }): Promise<LocalIssuer> {
    try {
      const [jwk, clients] = await Promise.all(
        ['issuer.jwk.json', 'clients.json'].map(async (file): Promise<unknown> =>
          JSON.parse(await readFile(path.join(directory, file), 'utf8')),
        ),
      );
      return new LocalIssuer(jwk as JWK, clientsFile.parse(clients), claims);
    } catch (cause) {
      throw new EnvironmentError(
        'SECRETS_DIR holds no issuer.jwk.json and clients.json of the local issuer',
        {
          cause,
        },
      );
    }
  }

  /** The public half, as `/.well-known/jwks.json` shows it (RFC 7517 §5). */
  jwks(): { keys: JWK[] } {
    const { d: _private, ...publicJwk } = this.privateJwk;
    return { keys: [{ ...publicJwk, use: 'sig' }] };
  }

  /** Nothing for an unknown client, a wrong secret or a scope it does not have (RFC 6749 §4.4, §5.2). */
  async token(clientId: string, clientSecret: string, scope?: string): Promise<IssuedToken | undefined> {
    const client = Object.hasOwn(this.clients, clientId) ? this.clients[clientId] : undefined;
    if (!sameSecret(client?.secret ?? '', clientSecret) || !client) return undefined;
    const wanted = scope === undefined ? client.scopes : scope.split(' ').filter(Boolean);
    if (!wanted.every((one) => client.scopes.includes(one))) return undefined;
    const signed = await signToken(this.privateJwk, {
      subject: clientId,
      scopes: wanted,
      ...this.claims,
      lifetimeSeconds,
    });
    return {
      access_token: signed,
      token_type: 'Bearer',
      expires_in: lifetimeSeconds,
      scope: wanted.join(' '),
    };
  }
}

/** Compares digests, so that neither the length nor the first difference can be timed. */
function sameSecret(expected: string, given: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return expected !== '' && timingSafeEqual(digest(expected), digest(given));
}
