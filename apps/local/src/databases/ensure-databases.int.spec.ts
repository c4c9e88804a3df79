import { testDatabase } from '@app/testing';
import { Client } from 'pg';
import { ensureDatabases } from './ensure-databases.js';

describe('a database a service', () => {
  const names = [`owner_${process.pid}`, `stranger_${process.pid}`];
  const url = (admin: string, user: string, password: string, database: string) => {
    const { host } = new URL(admin);
    return `postgresql://${user}:${password}@${host}/${database}`;
  };
  const query = async (connectionString: string, sql: string) => {
    const client = new Client({ connectionString });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };

  it('belongs to its role alone, and is made once', async () => {
    const admin = await testDatabase();
    const [owner = '', stranger = ''] = names;
    await ensureDatabases(
      admin.url,
      names.map((name) => ({ name, password: 'old' })),
    );
    await ensureDatabases(
      admin.url,
      names.map((name) => ({ name, password: `of-${name}` })),
    );

    const mine = url(admin.url, owner, `of-${owner}`, owner);
    await query(mine, 'CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent; CREATE TABLE t ()');
    await expect(query(url(admin.url, stranger, `of-${stranger}`, owner), 'SELECT 1')).rejects.toThrow(
      'permission denied for database',
    );

    for (const name of names) await query(admin.url, `DROP DATABASE ${name}`);
    for (const name of names) await query(admin.url, `DROP ROLE ${name}`);
    await admin.drop();
  });
});
