import { randomUUID } from 'node:crypto';
import { openDatabase } from '@app/database';
import { type PartitionLease, PostgresCheckpointStore } from '@app/event-hubs';
import { type TestDatabase, testDatabase } from '@app/testing';
import type { DataSource } from 'typeorm';
import { consumerMigrations } from '../index.js';
import { commitPosition } from './commit-position.js';

describe('the commit of a position', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let store: PostgresCheckpointStore;
  let lease: PartitionLease;

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await openDatabase(database.url, { migrations: consumerMigrations });
    store = new PostgresCheckpointStore(database.url);
    const stream = { fullyQualifiedNamespace: 'here', eventHubName: 'hub', consumerGroup: 'group' };
    await store.claimOwnership([{ ...stream, partitionId: '0', ownerId: 'reader' }]);
    const key = { namespace: 'here', eventHubName: 'hub', consumerGroup: 'group', partitionId: '0' };
    lease = await store.lease(key, 'reader');
  });
  afterAll(async () => {
    await store.close();
    await dataSource.destroy();
    await database.drop();
  });

  /** How the transaction will be committed. */
  const commit = (waitForDisk: boolean): Promise<string> =>
    dataSource.transaction(async (manager) => {
      const to = { sequenceNumber: lease.sequenceNumber + 1, offset: '100' };
      const moved = await commitPosition(manager, { lease, to, done: [randomUUID()], waitForDisk });
      expect(moved).toBe(true);
      lease.sequenceNumber = to.sequenceNumber;
      const [row] = await manager.query<{ synchronous_commit: string }[]>('SHOW synchronous_commit');
      return row?.synchronous_commit ?? '';
    });

  it('waits for the disk, or leaves that to PostgreSQL, in its own transaction only', async () => {
    const [before] = await dataSource.query<{ synchronous_commit: string }[]>('SHOW synchronous_commit');
    expect(await commit(false)).toBe('off');
    expect(await commit(true)).toBe(before?.synchronous_commit);
    expect(await commit(true)).not.toBe('off');
  });
});
