import { openDatabase } from '@app/database';
import { type TestDatabase, testDatabase } from '@app/testing';
import type { DataSource } from 'typeorm';
import { consumerMigrations } from '../../index.js';
import { dueConfirmations } from './confirmations.js';

describe('erasures to confirm', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await openDatabase(database.url, { migrations: consumerMigrations });
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('are due at their time, or when it lies further ahead than anybody waits', async () => {
    const waits = { past: '-1 minute', soon: '4 minutes', 'by a clock that was set back': '1 year' };
    for (const [id, wait] of Object.entries(waits))
      await dataSource.query(
        'INSERT INTO erasure_to_confirm (erasure_id, next_at) VALUES ($1, now() + $2::interval)',
        [id, wait],
      );
    const due = await dueConfirmations(dataSource, 5 * 60_000);
    expect(due.map(({ erasureId }) => erasureId)).toEqual(['past', 'by a clock that was set back']);
  });
});
