import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scopes, signToken } from '@app/service-defaults';

export const testIssuerName = 'urn:customer-profile:local';
export const testAudience = 'customer-profile';

export interface TestIssuer {
  /** What profile reads as SECRETS_DIR: the signing key and the OAuth clients. */
  secretsDir: string;
  /** A bearer token; all scopes, an hour and the client "tests" unless told. */
  token(granted?: readonly string[], lifetimeSeconds?: number, client?: string): Promise<string>;
  /** A token that a person holds through an application, and no service; all scopes. */
  personToken(person: string): Promise<string>;
  /** AUTH_CLIENT_ID and AUTH_CLIENT_SECRET of a service that may do everything. */
  client: { AUTH_CLIENT_ID: string; AUTH_CLIENT_SECRET: string };
  remove(): Promise<void>;
}

/** The local issuer's files in a temporary folder, as apps/local makes them, with one client. */
export async function testIssuer(): Promise<TestIssuer> {
  const secretsDir = await mkdtemp(join(tmpdir(), 'issuer-'));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: randomUUID() };
  const secret = randomBytes(24).toString('base64url');
  await writeFile(join(secretsDir, 'issuer.jwk.json'), JSON.stringify(jwk), { mode: 0o600 });
  await writeFile(join(secretsDir, 'clients.json'), JSON.stringify({ tests: { secret, scopes } }), {
    mode: 0o600,
  });
  return {
    secretsDir,
    token: (granted = scopes, lifetimeSeconds = 3600, client = 'tests') =>
      signToken(jwk, {
        subject: client,
        scopes: granted,
        issuer: testIssuerName,
        audience: testAudience,
        lifetimeSeconds,
      }),
    personToken: (person) =>
      signToken(jwk, {
        subject: person,
        client: 'test-app',
        scopes,
        issuer: testIssuerName,
        audience: testAudience,
        lifetimeSeconds: 3600,
      }),
    client: { AUTH_CLIENT_ID: 'tests', AUTH_CLIENT_SECRET: secret },
    remove: () => rm(secretsDir, { recursive: true, force: true }),
  };
}
