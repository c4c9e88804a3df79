import { openDatabase } from '@app/database';
import { eventually, type TestDatabase, testDatabase } from '@app/testing';
import { Client } from 'pg';
import { FencedError } from '../errors.js';
import { PartitionReplay1700000000110 } from './partition-replay.migration.js';
import { PartitionTables1700000000100 } from './partition-tables.migration.js';
import { PostgresCheckpointStore } from './postgres-checkpoint-store.js';

const stream = {
  fullyQualifiedNamespace: 'localhost',
  eventHubName: 'customer-events',
  consumerGroup: 'audit',
};
const names = ['localhost', 'customer-events', 'audit'] as const;
const key = {
  namespace: 'localhost',
  eventHubName: 'customer-events',
  consumerGroup: 'audit',
  partitionId: '0',
};

describe('ownership and positions in PostgreSQL', () => {
  let database: TestDatabase;
  let sql: Client;
  let one: PostgresCheckpointStore;
  let other: PostgresCheckpointStore;

  beforeEach(async () => {
    database = await testDatabase();
    await (
      await openDatabase(database.url, {
        migrations: [PartitionTables1700000000100, PartitionReplay1700000000110],
      })
    ).destroy();
    sql = new Client({ connectionString: database.url });
    await sql.connect();
    one = new PostgresCheckpointStore(database.url);
    other = new PostgresCheckpointStore(database.url);
  });
  afterEach(async () => {
    await Promise.all([one.close(), other.close(), sql.end()]);
    await database.drop();
  });

  const claim = (store: PostgresCheckpointStore, ownerId: string, etag?: string) =>
    store.claimOwnership([{ ...stream, partitionId: '0', ownerId, ...(etag && { etag }) }]);
  const epoch = async (): Promise<number> =>
    Number((await sql.query<{ epoch: string }>('SELECT epoch FROM partition_position')).rows[0]?.epoch);

  it('give a partition to one of two who claim it at once', async () => {
    const claims = await Promise.all([claim(one, 'a'), claim(other, 'b')]);
    expect(claims.map(({ length }) => length).toSorted((a, b) => a - b)).toEqual([0, 1]);
  });

  it('renew for the holder of the last etag only, and leave the epoch alone', async () => {
    const [first] = await claim(one, 'a');
    const before = await epoch();
    const [renewed] = await claim(one, 'a', first?.etag);
    expect(renewed?.etag).not.toBe(first?.etag);
    expect(await claim(other, 'b', first?.etag)).toEqual([]);
    expect(await epoch()).toBe(before);
  });

  it('raise the epoch when the owner changes and when a reader begins; what the old reader writes is refused', async () => {
    const [first] = await claim(one, 'a');
    const lease = await one.lease(key, 'a');
    await one.updateCheckpoint({ ...stream, partitionId: '0', sequenceNumber: 5, offset: '500' });
    await claim(other, 'b', first?.etag);
    const taken = await other.lease(key, 'b');
    expect(taken.epoch).toBeGreaterThan(lease.epoch + 1);
    expect(taken).toMatchObject({ sequenceNumber: 5, offset: '500' });
    const late = one.updateCheckpoint({ ...stream, partitionId: '0', sequenceNumber: 6, offset: '600' });
    await expect(late).rejects.toBeInstanceOf(FencedError);
    await expect(one.lease(key, 'a')).rejects.toBeInstanceOf(FencedError);
    expect(await other.listCheckpoints(...names)).toEqual([
      { ...stream, partitionId: '0', sequenceNumber: 5, offset: '500' },
    ]);
  });

  it('are as old as nobody has renewed them, wherever the database’s clock stands', async () => {
    const ageOf = async () => {
      const [ownership] = await other.listOwnership(...names);
      expect(ownership?.ownerId).toBe('a');
      return Date.now() - (ownership?.lastModifiedTimeInMs ?? 0);
    };
    const began = performance.now();
    const [first] = await claim(one, 'a');
    await ageOf();
    for (const interval of ['1 hour', '1 year', '-1 year']) {
      await sql.query('UPDATE partition_ownership SET modified_at = clock_timestamp() - $1::interval', [
        interval,
      ]);
      const age = await ageOf();
      expect(age).toBeGreaterThan(0);
      expect(age).toBeLessThanOrEqual(performance.now() - began + 1);
    }
    const renewed = performance.now();
    await claim(one, 'a', first?.etag);
    expect(await ageOf()).toBeLessThanOrEqual(performance.now() - renewed + 1);
  });

  it('report the ownership of a process that has gone as abandoned at once', async () => {
    await claim(one, 'a');
    await sql.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks
        WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND objid = (SELECT lock_id FROM partition_ownership)::oid`,
    );
    const [abandoned] = await eventually(async () => {
      const found = await other.listOwnership(...names);
      return found[0]?.ownerId === '' && found;
    });
    expect(await claim(other, 'b', abandoned?.etag)).toHaveLength(1);
  });

  it('work on after their connection was lost', async () => {
    await claim(one, 'a');
    await sql.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'partition ownership'`,
    );
    const [ownership] = await eventually(() => one.listOwnership(...names));
    await claim(one, 'a', ownership?.etag);
    expect((await other.listOwnership(...names))[0]?.ownerId).toBe('a');
  });

  it('do not wait for a transaction that holds the position', async () => {
    const [first] = await claim(one, 'a');
    await sql.query('BEGIN');
    await sql.query('SELECT FROM partition_position FOR UPDATE');
    await expect(claim(other, 'b', first?.etag)).rejects.toThrow('lock timeout');
    await sql.query('ROLLBACK');
    expect(await claim(other, 'b', first?.etag)).toHaveLength(1);
  });

  it('let go on release', async () => {
    await claim(one, 'a');
    await one.release('a', '1');
    expect((await other.listOwnership(...names))[0]?.ownerId).toBe('a');
    await one.release('a');
    expect((await other.listOwnership(...names))[0]?.ownerId).toBe('');
  });
});
