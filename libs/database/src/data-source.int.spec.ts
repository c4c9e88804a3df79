import { FaultyProxy, type TestDatabase, testDatabase } from '@app/testing';
import type { DataSource } from 'typeorm';
import { openDatabase } from './data-source.js';
import { GivingUpClient } from './giving-up-client.js';

describe('a pool', () => {
  let database: TestDatabase;
  let wire: FaultyProxy;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase();
    const url = new URL(database.url);
    wire = await FaultyProxy.to(Number(url.port));
    url.port = String(wire.port);
    url.hostname = '127.0.0.1';
    dataSource = await openDatabase(url.href, {
      migrations: [],
      poolSize: 1,
      connection: { query_timeout: 500 },
    });
  });
  afterAll(async () => {
    await dataSource.destroy();
    await wire.close();
    await database.drop();
  });

  it('gives a silent connection up, and goes on with another', async () => {
    await dataSource.query('SELECT 1');
    wire.lose();
    await expect(dataSource.query('SELECT 1')).rejects.toThrow('Query read timeout');
    await expect(dataSource.query('SELECT 1 AS n')).resolves.toEqual([{ n: 1 }]);
  });

  it('outlives a client that ends while nobody holds it', () => {
    expect(() => new GivingUpClient().emit('error', new Error('terminated'))).not.toThrow();
  });

  it('lets no statement run for ever', async () => {
    const [row] = await dataSource.query<{ statement_timeout: string }[]>('SHOW statement_timeout');
    expect(row?.statement_timeout).toBe('40s');
  });
});
