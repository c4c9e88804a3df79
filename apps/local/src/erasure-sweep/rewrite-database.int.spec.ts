import { type TestDatabase, testDatabase } from '@app/testing';
import { Client } from 'pg';
import { rewriteDatabase } from './rewrite-database.js';

let database: TestDatabase;
let sql: Client;

beforeAll(async () => {
  database = await testDatabase();
  sql = new Client({ connectionString: database.url });
  await sql.connect();
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

const remembered = async (table: string): Promise<string> => {
  const { rows } = await sql.query<{ remembered: string }>(
    `SELECT concat(most_common_vals, histogram_bounds) AS remembered FROM pg_stats WHERE tablename = $1`,
    [table],
  );
  return rows.map((row) => row.remembered).join(' ');
};

it.each([
  ['of a table that has rows', `DELETE FROM kept WHERE word <> 'stays'`],
  ['of a table that has no rows any more', `DELETE FROM emptied`],
])('the planner forgets the values %s', async (_, forget) => {
  const table = forget.split(' ')[2] ?? '';
  await sql.query(`CREATE TABLE ${table} (word text)`);
  await sql.query(`INSERT INTO ${table} SELECT 'word' || n FROM generate_series(1, 200) AS n`);
  await sql.query(`INSERT INTO ${table} VALUES ('stays')`);
  await sql.query(`ANALYZE ${table}`);
  expect(await remembered(table)).toContain('word');
  await sql.query(forget);

  await rewriteDatabase(database.url);
  expect(await remembered(table)).not.toContain('word');
});
