import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { databaseOf, guests, services } from '../services.js';
import { keepSecret, randomSecret, readIfThere } from './secret-files.js';

export interface Secrets {
  /** Of PostgreSQL's superuser. */
  postgresPassword: string;
  /** Shared access key of the engine where it is not reached by loopback only. */
  brokerSasKey: string;
  /** The private key with which the audit signs what it publishes: an Ed25519 JWK. */
  auditHeadsKey: string;
  /** OAuth client secrets, by service or guest. */
  clients: Readonly<Record<string, string>>;
  /** Passwords of the database roles, by database. */
  databases: Readonly<Record<string, string>>;
}

interface Client {
  secret: string;
  scopes: readonly string[];
}

/**
 * The platform's secrets in one folder, made at the first start and kept from then on: `issuer.jwk.json` (the private
 * key that signs tokens), `audit-heads.jwk.json` (the one that signs the audit's heads), `clients.json` (OAuth clients as profile reads them), passwords. A service that came later
 * gets its entries added.
 */
export async function makeSecrets(dir: string): Promise<Secrets> {
  await keepSecret(join(dir, 'issuer.jwk.json'), signingKey);
  const postgresPassword = await keepSecret(join(dir, 'postgres-password'), randomSecret);
  const brokerSasKey = await keepSecret(join(dir, 'broker-sas-key'), randomSecret);
  const auditHeadsKey = await keepSecret(join(dir, 'audit-heads.jwk.json'), headsKey);
  const clients = await merge<Client>(join(dir, 'clients.json'), (known) =>
    [...services, ...guests].map(({ name, scopes }) => [
      name,
      { secret: known[name]?.secret ?? randomSecret(), scopes },
    ]),
  );
  const databases = await merge<string>(join(dir, 'database-passwords.json'), (known) =>
    services.flatMap((service) => {
      const database = databaseOf(service);
      return database ? [[database, known[database] ?? randomSecret()]] : [];
    }),
  );
  return {
    postgresPassword,
    brokerSasKey,
    auditHeadsKey,
    clients: Object.fromEntries(Object.entries(clients).map(([name, { secret }]) => [name, secret])),
    databases,
  };
}

/** RFC 7517: an ES256 key pair, the private part included. */
function signingKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return JSON.stringify({
    ...privateKey.export({ format: 'jwk' }),
    alg: 'ES256',
    use: 'sig',
    kid: randomUUID(),
  });
}

/** RFC 8037: an Ed25519 key pair, the private part included. */
function headsKey(): string {
  return JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }));
}

/** Entries that are there stay, those of a service that was added are made, others are left alone. */
async function merge<T>(
  file: string,
  wanted: (known: Readonly<Record<string, T>>) => [string, T][],
): Promise<Record<string, T>> {
  const known = JSON.parse((await readIfThere(file)) ?? '{}') as Record<string, T>;
  const merged = { ...known, ...Object.fromEntries(wanted(known)) };
  if (JSON.stringify(merged) !== JSON.stringify(known)) {
    await writeFile(`${file}.new`, `${JSON.stringify(merged, undefined, 2)}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
  return merged;
}
