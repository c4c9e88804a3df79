import { Client, escapeIdentifier, escapeLiteral } from 'pg';

/** A database and the role of the same name that owns it. */
export interface WantedDatabase {
  name: string;
  password: string;
}

/**
 * Makes what is missing and leaves the rest: safe to run at each start. A service's role owns its own database and
 * may not even connect to another's.
 *
 * @param superuserUrl connection string of a superuser on any database of the server
 */
export async function ensureDatabases(
  superuserUrl: string,
  wanted: readonly WantedDatabase[],
): Promise<void> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    for (const database of wanted) await ensure(client, database);
  } finally {
    await client.end();
  }
}

async function ensure(client: Client, { name, password }: WantedDatabase): Promise<void> {
  const id = escapeIdentifier(name);
  const { rows } = await client.query<{ role: boolean; database: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS role,
            EXISTS (SELECT FROM pg_database WHERE datname = $1) AS database`,
    [name],
  );
  // The password is set each time: the secrets are right, whatever was there before.
  const verb = rows[0]?.role ? 'ALTER' : 'CREATE';
  await client.query(`${verb} ROLE ${id} LOGIN PASSWORD ${escapeLiteral(password)}`);
  if (rows[0]?.database) return;
  await client.query(`CREATE DATABASE ${id} OWNER ${id}`);
  await client.query(`REVOKE CONNECT ON DATABASE ${id} FROM PUBLIC`);
}
