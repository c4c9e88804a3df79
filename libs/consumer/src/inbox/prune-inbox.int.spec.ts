import { openDatabase } from '@app/database';
import { addDatabaseClock, setDatabaseClock, type TestDatabase, testDatabase } from '@app/testing';
import type { DataSource } from 'typeorm';
import { consumerMigrations } from '../index.js';
import { type LatestNow, latestNowOf, pruneInbox } from './prune-inbox.js';

const day = 86_400_000;
const options = { consumerGroup: 'audit', retentionMs: 30 * day };
const { signal } = new AbortController();

describe('pruning the inbox', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let latestNow: LatestNow;

  beforeAll(async () => {
    database = await testDatabase();
    await addDatabaseClock(database.url);
    dataSource = await openDatabase(database.url, { migrations: consumerMigrations });
    latestNow = await latestNowOf(dataSource);
  });
  beforeEach(() => dataSource.query('TRUNCATE inbox, consumer_replay CASCADE'));
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const prune = () => pruneInbox(dataSource, options, latestNow, signal);
  const fill = (rows: number, generation: number, ageDays: number) =>
    dataSource.query(
      `INSERT INTO inbox (event_id, generation, applied_at)
       SELECT gen_random_uuid(), $2, now() - $3::int * interval '1 day' FROM generate_series(1, $1::int)`,
      [rows, generation, ageDays],
    );
  const left = async () => {
    const rows = await dataSource.query<{ generation: number; n: number }[]>(
      'SELECT generation, count(*)::int AS n FROM inbox GROUP BY 1 ORDER BY 1',
    );
    return Object.fromEntries(rows.map(({ generation, n }) => [generation, n]));
  };
  const replay = (generation: number, whole: boolean) =>
    dataSource.query(
      `INSERT INTO consumer_replay (consumer_group, generation, policy, effects, whole, started_by, outcome)
       VALUES ('audit', $1, 'reapply', false, $2, 'the spec', 'finished')`,
      [generation, whole],
    );

  it('takes what is past its retention, and nothing else, over many pieces of the table', async () => {
    await fill(60_000, 1, 31);
    await fill(5_000, 1, 29);
    await fill(40_000, 1, 40);
    expect(await prune()).toBe(100_000);
    expect(await left()).toEqual({ 1: 5_000 });
    expect(await prune()).toBe(0);
  });

  it('takes generations before a replay of everything, but not those before a partial one', async () => {
    for (const generation of [1, 2, 3, 4]) await fill(10, generation, 1);
    await replay(3, true);
    await replay(4, false);
    await prune();
    expect(await left()).toEqual({ 3: 10, 4: 10 });
  });

  it('takes nothing early when the database’s clock is set ahead', async () => {
    await fill(10, 1, 29);
    await fill(10, 1, 31);
    await setDatabaseClock(database.url, 365 * day);
    expect(await prune()).toBe(10);
    await setDatabaseClock(database.url, -365 * day);
    expect(await prune()).toBe(0);
    await setDatabaseClock(database.url, 0);
    expect(await left()).toEqual({ 1: 10 });
  });

  it('leaves the work to the replica that is at it', async () => {
    await fill(10, 1, 31);
    const other = dataSource.createQueryRunner();
    try {
      await other.query('SELECT pg_advisory_lock(7104024)');
      expect(await prune()).toBeUndefined();
      await other.query('SELECT pg_advisory_unlock(7104024)');
    } finally {
      await other.release();
    }
    expect(await prune()).toBe(10);
  });
});
