import type { Secrets } from './make-secrets.js';

/** The key of the official emulators; good enough where only this machine can reach the engine. */
export const emulatorKey = 'SAS_KEY_VALUE';

/** @param host name and port of the engine, plain TCP */
export function connectionString(host: string, key: string): string {
  const parts = {
    Endpoint: `sb://${host}`,
    SharedAccessKeyName: 'RootManageSharedAccessKey',
    SharedAccessKey: key,
  };
  const text = Object.entries({ ...parts, UseDevelopmentEmulator: 'true' }).map(
    ([name, value]) => `${name}=${value}`,
  );
  return `${text.join(';')};`;
}

/** A database belongs to a role of the same name. */
export function databaseUrl(host: string, database: string, secrets: Pick<Secrets, 'databases'>): string {
  return `postgresql://${database}:${encodeURIComponent(secrets.databases[database] ?? '')}@${host}/${database}`;
}
