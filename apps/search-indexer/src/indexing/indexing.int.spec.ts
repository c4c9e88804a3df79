import type { OpenedEvent } from '@app/contracts';
import { openDatabase } from '@app/database';
import { type TestDatabase, testDatabase } from '@app/testing';
import * as fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { changed, erased, idOf, index } from '../../test/index-customers.js';
import { searchMigrations } from '../migrations/index.js';
import { forgetWords } from './forget-words.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await testDatabase();
  dataSource = await openDatabase(database.url, { migrations: searchMigrations });
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});
beforeEach(() => dataSource.query('TRUNCATE search_customer, search_name, search_word, search_word_suspect'));

const vocabulary = async (): Promise<string[]> =>
  (await dataSource.query<{ word: string }[]>('SELECT word FROM search_word ORDER BY word')).map(
    ({ word }) => word,
  );

describe('the index', () => {
  it('is the fold of the events, whatever comes twice, late or in whichever batches', async () => {
    const fact = fc.record({ customer: fc.nat(3), version: fc.integer({ min: 1, max: 6 }) });
    // What a version says is settled: the sixth is the erasure.
    const eventOf = ({ customer, version }: { customer: number; version: number }): OpenedEvent =>
      version === 6
        ? erased(idOf(customer), version)
        : changed({ id: idOf(customer), version, familyName: `V${version}` });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fact, { maxLength: 6 }), { maxLength: 8 }), async (batches) => {
        await dataSource.query('TRUNCATE search_customer, search_name');
        for (const batch of batches) await index(dataSource, batch.map(eventOf));

        const expected = new Map<string, number>();
        for (const { customer, version } of batches.flat()) {
          expected.set(idOf(customer), Math.max(version, expected.get(idOf(customer)) ?? 0));
        }
        const rows = await dataSource.query<{ id: string; version: number; said: string | null }[]>(
          `SELECT id, version, found::json ->> 'familyName' AS said FROM search_customer`,
        );
        const found = new Map(rows.map(({ id, version, said }) => [id, [version, said]]));
        expect(found).toEqual(
          new Map(
            [...expected].map(([id, version]) => [id, [version, version === 6 ? null : `V${version}`]]),
          ),
        );
      }),
      { numRuns: 60 },
    );
  });
});

it('takes signs that mean something to PostgreSQL for what they are', async () => {
  const emails = ["o'brien@x\\", '\\', "'", "\\' | a:*", 'jon@example.com'];
  for (const [n, email] of emails.entries()) {
    await index(dataSource, [changed({ id: idOf(1), version: n + 1, email })]);
    // As if the vocabulary knew them: whatever the plan, each is looked at when the customer loses it.
    await dataSource.query(
      'INSERT INTO search_word SELECT unnest(tsvector_to_array(words)) FROM search_customer ON CONFLICT DO NOTHING',
    );
  }
  const [row] = await dataSource.query('SELECT version FROM search_customer');
  expect(row).toEqual({ version: emails.length });
});

describe('the vocabulary', () => {
  it('learns the words people misspell', async () => {
    await index(dataSource, [changed({ id: idOf(1), givenName: 'Zoë', familyName: "O'Brien 3rd" })]);
    expect(await vocabulary()).toEqual(['brien', 'obrien', 'zoe']);
  });

  it('forgets what nobody has any more, and nothing else', async () => {
    await index(dataSource, [
      changed({ id: idOf(1), familyName: 'Rarename' }),
      changed({ id: idOf(2), familyName: 'Common' }),
      changed({ id: idOf(3), familyName: 'Common' }),
    ]);
    await index(dataSource, [erased(idOf(1), 2), erased(idOf(2), 2)]);
    await forgetWords(dataSource);
    expect(await vocabulary()).toEqual(['common', 'jon']);

    await index(dataSource, [changed({ id: idOf(3), version: 2, familyName: 'Married' })]);
    await forgetWords(dataSource);
    expect(await vocabulary()).toEqual(['jon', 'married']);
    expect(await dataSource.query('SELECT FROM search_word_suspect')).toHaveLength(0);
  });

  it('keeps a word that comes back while the sweep is about to forget it', async () => {
    await index(dataSource, [changed({ id: idOf(1), familyName: 'Rarename' })]);
    await index(dataSource, [erased(idOf(1), 2)]);
    const indexing = dataSource.createQueryRunner();
    await indexing.startTransaction();
    const sweeps: Promise<unknown>[] = [];
    try {
      // Begun before the sweep, committed while it waits.
      await indexing.query(`INSERT INTO search_word VALUES ('rarename') ON CONFLICT DO NOTHING`);
      sweeps.push(forgetWords(dataSource));
      await indexing.query(
        `INSERT INTO search_customer VALUES ($1, 1, 'rarename', array_to_tsvector('{rarename}'), '{}')`,
        [idOf(2)],
      );
      await indexing.commitTransaction();
    } finally {
      await indexing.release();
    }
    await Promise.all(sweeps);
    expect(await vocabulary()).toContain('rarename');
  });

  it('is learnt by partitions side by side without a deadlock', async () => {
    const names = Array.from(
      { length: 200 },
      (_, n) => `name${String.fromCharCode(97 + (n % 26))}${'x'.repeat(n % 30)}`,
    );
    const batch = (partition: number) =>
      names.map((familyName, n) =>
        changed({ id: idOf(partition * 1_000 + n), familyName: `${familyName} ${names.at(-n)}` }),
      );
    await Promise.all([1, 2, 3, 4].map((partition) => index(dataSource, batch(partition).toReversed())));
    expect(await dataSource.query('SELECT FROM search_customer')).toHaveLength(800);
  });
});
