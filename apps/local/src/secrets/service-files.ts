import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { databaseOf, services } from '../services.js';
import { connectionString, databaseUrl } from './connection-strings.js';
import type { Secrets } from './make-secrets.js';
import { keepSecret } from './secret-files.js';

/**
 * One small file a secret and service, as `NAME_FILE` variables take them: `SERVICE/database-url`,
 * `SERVICE/client-secret`, `eventhubs-connection-string` for all, `audit/heads-key`, and `postgres/password` for PostgreSQL itself.
 */
export async function writeServiceFiles(
  dir: string,
  secrets: Secrets,
  hosts: { postgres: string; broker: string },
): Promise<void> {
  // PostgreSQL's container has a user of its own, who reads this one file by its group.
  await mkdir(join(dir, 'postgres'), { recursive: true, mode: 0o750 });
  await keepSecret(join(dir, 'postgres/password'), () => secrets.postgresPassword, 0o640);
  await keepSecret(join(dir, 'eventhubs-connection-string'), () =>
    connectionString(hosts.broker, secrets.brokerSasKey),
  );
  for (const service of services) {
    const { name } = service;
    const database = databaseOf(service);
    await mkdir(join(dir, name), { recursive: true, mode: 0o700 });
    await keepSecret(join(dir, name, 'client-secret'), () => secrets.clients[name] ?? '');
    if (database)
      await keepSecret(join(dir, name, 'database-url'), () => databaseUrl(hosts.postgres, database, secrets));
  }
  await keepSecret(join(dir, 'audit/heads-key'), () => secrets.auditHeadsKey);
}
