import { Client } from 'pg';
import { eventually } from '../eventually.js';
import { testDatabase } from './test-database.js';

const connect = async (url: string) => {
  const client = new Client({ connectionString: url, application_name: 'the spec' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

describe('testDatabase', () => {
  it('gives each caller an empty database of its own', async () => {
    const [one, other] = await Promise.all([testDatabase(), testDatabase()]);
    const client = await connect(one.url);
    await client.query('CREATE TABLE mine ()');
    await client.end();
    const stranger = await connect(other.url);
    await expect(stranger.query('SELECT FROM mine')).rejects.toThrow('does not exist');
    await stranger.end();
    await Promise.all([one.drop(), other.drop()]);
    await expect(connect(one.url)).rejects.toThrow('does not exist');
  });

  it('fails on a connection that was left open, and drops the database all the same', async () => {
    const database = await testDatabase();
    const leak = await connect(database.url);
    await expect(database.drop()).rejects.toThrow('1 connection(s) left open: the spec');
    await eventually(() => expect(leak.query('SELECT 1')).rejects.toThrow(/terminat|closed|not queryable/));
  });
});
