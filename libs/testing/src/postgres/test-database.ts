import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { eventually } from '../eventually.js';
import { clusterUrl } from './cluster.js';

export interface TestDatabase {
  /** Connection string of a superuser on a database that is this spec's alone. */
  url: string;
  /** Drops the database; fails when the spec left a connection open, because then a pool or a client leaks. */
  drop(): Promise<void>;
}

/**
 * A fresh, empty database on the PostgreSQL of this Jest run (PostgreSQL 18, fsync on).
 *
 * @example
 * let database: TestDatabase;
 * beforeAll(async () => { database = await testDatabase(); });
 * afterAll(() => database.drop());
 */
export async function testDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const cluster = await clusterUrl();
  await onCluster(cluster, (client) => client.query(`CREATE DATABASE ${name}`));
  return {
    url: Object.assign(new URL(cluster), { pathname: `/${name}` }).href,
    drop: () => onCluster(cluster, (client) => drop(client, name)),
  };
}

async function onCluster<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'libs/testing' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function drop(client: Client, name: string): Promise<void> {
  // A closed socket takes the server a moment to notice: that is no leak.
  const leak = await eventually(async () => expectNoConnections(client, name), { timeoutMs: 10_000 }).then(
    () => undefined,
    (error: Error) => error,
  );
  await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  if (leak) throw leak;
}

async function expectNoConnections(client: Client, name: string): Promise<void> {
  const { rows } = await client.query<{ who: string }>(
    `SELECT coalesce(nullif(application_name, ''), 'unnamed') || ': ' || left(query, 80) AS who
       FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'`,
    [name],
  );
  if (rows.length > 0)
    throw new Error(`${rows.length} connection(s) left open: ${rows.map(({ who }) => who).join(' | ')}`);
}
