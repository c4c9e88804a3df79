import { openDatabase } from '@app/database';
import { type TestDatabase, testDatabase } from '@app/testing';
import type { DataSource } from 'typeorm';
import { changed, idOf, index } from '../../test/index-customers.js';
import { searchMigrations } from '../migrations/index.js';
import { SearchService } from '../search/search.service.js';
import { searchRebuild } from './search-rebuild.js';

let database: TestDatabase;
let dataSource: DataSource;
let search: SearchService;

beforeAll(async () => {
  database = await testDatabase();
  dataSource = await openDatabase(database.url, { migrations: searchMigrations });
  search = new SearchService(dataSource);
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const found = async (q: string) => (await search.search({ q }, 10)).items.map(({ id }) => id);
const begin = () => dataSource.transaction((manager) => searchRebuild.begin(manager));
const finish = () => dataSource.transaction((manager) => searchRebuild.finish(manager));
const indexes = async () => {
  const rows = await dataSource.query<{ indexdef: string }[]>(
    `SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'search\\_%' ORDER BY tablename, indexdef`,
  );
  return rows.map(({ indexdef }) => indexdef.replace(/INDEX \S+ ON/, 'INDEX ON')).sort();
};

describe('the search view, built anew beside itself', () => {
  it('answers from the old tables until the new ones take their place, with the same indexes, again and again', async () => {
    await index(dataSource, [changed({ id: idOf(1), familyName: 'Former' })]);
    const before = await indexes();
    for (const name of ['Second', 'Third', 'Fourth']) {
      await begin();
      await index(dataSource, [changed({ id: idOf(2), familyName: name })], 'next');
      expect(await found(name)).toEqual([]);
      await finish();
      expect(await found(name)).toEqual([idOf(2)]);
      expect(await found('former')).toEqual([]);
      // The vocabulary came with it: a slip is understood.
      expect(await found(`${name.slice(0, -1)}x`)).toEqual([idOf(2)]);
      expect(await indexes()).toEqual(before);
    }
  });

  it('begins from nothing when another begins before it has ended', async () => {
    await begin();
    await index(dataSource, [changed({ id: idOf(3), familyName: 'Halfway' })], 'next');
    await begin();
    await index(dataSource, [changed({ id: idOf(4), familyName: 'Whole' })], 'next');
    await finish();
    expect(await found('halfway')).toEqual([]);
    expect(await found('whole')).toEqual([idOf(4)]);
  });

  it('is what it was when its end is rolled back', async () => {
    await index(dataSource, [changed({ id: idOf(5), familyName: 'Standing' })]);
    await begin();
    await expect(
      dataSource.transaction(async (manager) => {
        await searchRebuild.finish(manager);
        throw new Error('the connection is lost');
      }),
    ).rejects.toThrow('lost');
    expect(await found('standing')).toEqual([idOf(5)]);
    await finish();
    expect(await found('standing')).toEqual([]);
  });

  it('answers every search while views change places under it', async () => {
    await index(dataSource, [changed({ id: idOf(6), familyName: 'Steady' })]);
    const over = new AbortController();
    let asked = 0;
    const asking = async () => {
      while (!over.signal.aborted) {
        expect(await found('steady')).toEqual([idOf(6)]);
        asked++;
      }
    };
    const askers = Promise.all([asking(), asking(), asking()]);
    for (let round = 0; round < 8; round++) {
      await begin();
      await index(dataSource, [changed({ id: idOf(6), familyName: 'Steady' })], 'next');
      await finish();
    }
    over.abort();
    await askers;
    expect(asked).toBeGreaterThan(8);
  });
});
