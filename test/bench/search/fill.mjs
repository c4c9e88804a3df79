// Fills a search database and a profile database with the same customers, by COPY; indexes are made afterwards.
import { Client } from 'pg';
import { documentOf } from '../../../apps/search-indexer/dist/domain/search-document.js';
import { isSpelt } from '../../../apps/search-indexer/dist/domain/spelling.js';
import { copyIn, copyLine } from './copy-in.mjs';

const linesAtOnce = 500;

/** @param {string} url @param {import('./customers.mjs').MadeCustomers} made */
export async function fillSearch(url, made, /** @type {number} */ count) {
  const words = new Set();
  const lexemes = (keys) => keys.map((key) => `'${key.replace(/['\\]/g, (sign) => sign + sign)}'`).join(' ');
  const nameLine = (n) => {
    const customer = made.customer(n);
    return copyLine([customer.id, lexemes(documentOf(customer).nameKeys)]);
  };
  const line = (n) => {
    const customer = made.customer(n);
    const document = documentOf(customer);
    for (const word of document.words) if (isSpelt(word)) words.add(word);
    const { found, nameWords } = document;
    return copyLine([customer.id, 1, nameWords.join(' '), lexemes(document.words), JSON.stringify(found)]);
  };
  await withClient(url, async (client) => {
    await withoutIndexes(client, 'search_customer', async () => {
      await copyIn(
        client,
        'COPY search_customer (id, version, name_words, words, found) FROM STDIN',
        chunksOf(count, line),
      );
    });
    await withoutIndexes(client, 'search_name', async () => {
      await copyIn(client, 'COPY search_name (id, keys) FROM STDIN', chunksOf(count, nameLine));
    });
    await copyIn(
      client,
      'COPY search_word (word) FROM STDIN',
      [...words].map((word) => copyLine([word])),
    );
    await client.query('VACUUM ANALYZE');
  });
}

const columns =
  'id, version, account_number, given_name, family_name, email, phone, addresses, created_at, updated_at';

/** @param {string} url @param {import('./customers.mjs').MadeCustomers} made */
export async function fillProfile(url, made, /** @type {number} */ count) {
  const line = (n) => {
    const one = made.customer(n);
    const { id, accountNumber, givenName, familyName, email, phone, addresses, createdAt } = one;
    const home = JSON.stringify(addresses);
    return copyLine([id, 1, accountNumber, givenName, familyName, email, phone, home, createdAt, createdAt]);
  };
  await withClient(url, async (client) => {
    await withoutIndexes(client, 'customer', async () => {
      await copyIn(client, `COPY customer (${columns}) FROM STDIN`, chunksOf(count, line));
    });
    await client.query('VACUUM ANALYZE');
  });
}

function* chunksOf(count, line) {
  for (let n = 0; n < count; n += linesAtOnce) {
    let chunk = '';
    for (let i = n; i < Math.min(n + linesAtOnce, count); i++) chunk += line(i);
    yield chunk;
  }
}

/** An index made at the end costs a fraction of one that grows with every row. */
async function withoutIndexes(client, table, work) {
  const { rows } = await client.query(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
       FROM pg_index WHERE indrelid = $1::regclass AND NOT indisunique`,
    [table],
  );
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  await work();
  await client.query(`SET maintenance_work_mem = '512MB'`);
  for (const { definition } of rows) await client.query(definition);
}

async function withClient(url, work) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
