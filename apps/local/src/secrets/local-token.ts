import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { serviceEnvironment, signToken } from '@app/service-defaults';
import type { JWK } from 'jose';
import { readSettings } from '../settings.js';
import { makeSecrets } from './make-secrets.js';

const twelveHours = 12 * 3600;

/**
 * A bearer token that the platform on this machine takes: signed here where it runs from this folder, in its container
 * where it is our docker compose. Valid for 12 hours.
 * @throws when what runs trusts neither
 */
export async function localToken(wanted: readonly string[]): Promise<string> {
  const key = await localKey();
  const trusted = process.env['SECRETS_DIR'] ? undefined : await trustedKeys();
  if (trusted && !trusted.includes(key.kid ?? '')) return signInContainer(wanted);
  const env = serviceEnvironment.pick({ AUTH_ISSUER: true, AUTH_AUDIENCE: true }).parse(process.env);
  return signToken(key, {
    subject: 'local-developer',
    client: 'npm-run-token',
    scopes: [...wanted],
    issuer: env.AUTH_ISSUER,
    audience: env.AUTH_AUDIENCE,
    lifetimeSeconds: twelveHours,
  });
}

async function localKey(): Promise<JWK> {
  const directory = process.env['SECRETS_DIR'] ?? readSettings(process.env).secretsDir;
  if (!process.env['SECRETS_DIR']) await makeSecrets(directory);
  return JSON.parse(readFileSync(path.join(directory, 'issuer.jwk.json'), 'utf8')) as JWK;
}

/** The ids of the keys that the running platform trusts; nothing where none runs. */
async function trustedKeys(): Promise<string[] | undefined> {
  const url = `http://127.0.0.1:${readSettings(process.env).ports.PROFILE_PORT}/.well-known/jwks.json`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return ((await response.json()) as { keys: { kid: string }[] }).keys.map((key) => key.kid);
  } catch {
    // Nothing runs there: the token will serve the platform that is started next.
    return undefined;
  }
}

/** A platform that runs in containers keeps its key there, and signs there. */
function signInContainer(wanted: readonly string[]): string {
  const command = [
    'compose',
    'exec',
    '-T',
    'profile',
    'node',
    'apps/local/dist/token.js',
    '--scope',
    wanted.join(' '),
  ];
  try {
    return execFileSync('docker', command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  } catch (cause) {
    throw new Error(
      'the platform that runs trusts another key than this folder holds, and is not our docker compose',
      {
        cause,
      },
    );
  }
}
