import { type TestDatabase, testDatabase } from '@app/testing';
import type { DataSource } from 'typeorm';
import { openDatabase } from './data-source.js';
import { queryPrepared } from './prepared-query.js';

const statement = { name: 'add', text: 'INSERT INTO number (value) VALUES ($1) RETURNING value' };

describe('queryPrepared', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await openDatabase(database.url, { migrations: [], poolSize: 2 });
    await dataSource.query('CREATE TABLE number (value integer PRIMARY KEY)');
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('answers rows and gives its connection back, also after an error', async () => {
    expect(await queryPrepared(dataSource.manager, statement, [1])).toEqual([{ value: 1 }]);
    for (let attempt = 0; attempt < 5; attempt++) {
      await expect(queryPrepared(dataSource.manager, statement, [1])).rejects.toThrow(/duplicate key/);
    }
    expect(await queryPrepared(dataSource.manager, statement, [2])).toEqual([{ value: 2 }]);
  });

  it('belongs to the transaction it is run in', async () => {
    const failing = dataSource.transaction(async (manager) => {
      await queryPrepared(manager, statement, [3]);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await dataSource.query('SELECT value FROM number WHERE value = 3')).toEqual([]);
  });
});
