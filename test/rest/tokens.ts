import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Scope, scopes, signToken } from '@app/service-defaults';
import { testAudience, testIssuerName } from '@app/testing';
import type { JWK } from 'jose';
import type { Platform } from '../support/platform.js';

export type Tokens = (granted: readonly Scope[]) => Promise<string>;

/** Tokens of the platform's own issuer, with the scopes that a case needs. */
export async function tokensOf(platform: Platform): Promise<Tokens> {
  const file = join(platform.env.DATA_DIR, 'secrets/issuer.jwk.json');
  const key = JSON.parse(await readFile(file, 'utf8')) as JWK;
  return (granted) =>
    signToken(key, {
      subject: 'rest',
      scopes: granted,
      issuer: testIssuerName,
      audience: testAudience,
      lifetimeSeconds: 3600,
    });
}

export const allBut = (needed: readonly string[]): Scope[] =>
  scopes.filter((scope) => !needed.includes(scope));
