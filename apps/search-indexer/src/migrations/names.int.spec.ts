import { openDatabase } from '@app/database';
import { type TestDatabase, testDatabase } from '@app/testing';
import { idOf } from '../../test/index-customers.js';
import { findCandidates } from '../search/find-candidates.js';
import { searchMigrations } from './index.js';

describe('names of customers that were indexed before there was an index of names', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.drop());

  it('are found by it, in the live view and in one that is being rebuilt', async () => {
    const before = await openDatabase(database.url, { migrations: searchMigrations.slice(0, 2) });
    await before.query('CREATE TABLE search_customer_next (LIKE search_customer INCLUDING ALL)');
    for (const table of ['search_customer', 'search_customer_next']) {
      await before.query(
        `INSERT INTO ${table} VALUES
           ($1, 1, 'zoe yanez', array_to_tsvector('{zoe,yanez,paris,=n:zoe,=n:yanez,=c:fr,=t:new paris,=a:1}'), '{}'),
           ($2, 2, '', ''::tsvector, NULL)`,
        [idOf(1), idOf(2)],
      );
    }
    await before.destroy();

    const after = await openDatabase(database.url, { migrations: searchMigrations });
    try {
      const named = await findCandidates(after, `'yanez':* & '=c:fr' & '=t:new paris'`, {
        width: 'namePrefix',
        beginnings: new Map(),
      });
      expect(named).toEqual([{ id: idOf(1), nameWords: ['yanez', 'zoe'], exact: false }]);
      expect(await findCandidates(after, `'paris'`, { width: 'name' })).toEqual([]);
      const [next] = await after.query('SELECT count(*)::int AS customers FROM search_name_next');
      expect(next).toEqual({ customers: 2 });
    } finally {
      await after.destroy();
    }
  });
});
