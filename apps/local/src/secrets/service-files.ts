import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { databaseOf, guests, services } from '../services.js';
import { connectionString, databaseUrl } from './connection-strings.js';
import type { Secrets } from './make-secrets.js';
import { keepSecret, writeSecret } from './secret-files.js';

/**
 * One small file a secret and service, as `NAME_FILE` variables take them: `SERVICE/database-url`,
 * `SERVICE/client-secret`, `eventhubs-connection-string` for all, `servicebus-connection-string`, `audit/heads-key`, and
 * `postgres/password` for PostgreSQL itself.
 * @param elsewhere connection strings of a stream and of a queue that are not the engine's
 */
export async function writeServiceFiles(
  dir: string,
  secrets: Secrets,
  hosts: { postgres: string; broker: string },
  elsewhere: { eventHubs?: string | undefined; serviceBus?: string | undefined } = {},
): Promise<void> {
  // PostgreSQL's container has a user of its own, who reads this one file by its group.
  await mkdir(join(dir, 'postgres'), { recursive: true, mode: 0o750 });
  await keepSecret(join(dir, 'postgres/password'), () => secrets.postgresPassword, 0o640);
  const engine = connectionString(hosts.broker, secrets.brokerSasKey);
  await writeSecret(join(dir, 'eventhubs-connection-string'), elsewhere.eventHubs || engine);
  await writeSecret(join(dir, 'servicebus-connection-string'), elsewhere.serviceBus || engine);
  for (const { name } of guests) await keepClientSecret(name);
  for (const service of services) {
    const { name } = service;
    const database = databaseOf(service);
    await keepClientSecret(name);
    if (database)
      await keepSecret(join(dir, name, 'database-url'), () => databaseUrl(hosts.postgres, database, secrets));
  }
  await keepSecret(join(dir, 'audit/heads-key'), () => secrets.auditHeadsKey);

  async function keepClientSecret(name: string): Promise<void> {
    await mkdir(join(dir, name), { recursive: true, mode: 0o700 });
    await keepSecret(join(dir, name, 'client-secret'), () => secrets.clients[name] ?? '');
  }
}
