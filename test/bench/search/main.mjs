// How quick the search and the likely duplicates are among many customers, a kind of question at a time.
import path from 'node:path';
import { openDatabase } from '@app/database';
import { startPostgres } from '@app/database/embedded';
import { Random, seedOfRun } from '@app/testing';
import { Client } from 'pg';
import { Customer1790000000000 } from '../../../apps/profile/dist/migrations/1790000000000-customer.js';
import { Duplicates1790000000070 } from '../../../apps/profile/dist/migrations/1790000000070-duplicates.js';
import { Merge1790000000030 } from '../../../apps/profile/dist/migrations/1790000000030-merge.js';
import { DuplicatesController } from '../../../apps/profile/dist/duplicates/duplicates.controller.js';
import { searchMigrations } from '../../../apps/search-indexer/dist/migrations/index.js';
import { SearchService } from '../../../apps/search-indexer/dist/search/search.service.js';
import { readArguments, whole } from '../arguments.mjs';
import { childrenOf, cpuSeconds, freePort, removeFolder, temporaryFolder } from '../processes.mjs';
import { judge, printHeading, printTable } from '../report.mjs';
import { MadeCustomers } from './customers.mjs';
import { fillProfile, fillSearch } from './fill.mjs';
import { kinds } from './queries.mjs';

const mostMs = 30;
const warmUp = 20;
const profileMigrations = [Customer1790000000000, Merge1790000000030, Duplicates1790000000070];

/** Reads the command line; answers what runs the rows. */
export function prepare(/** @type {string[]} */ args) {
  const { values } = readArguments(
    {
      customers: { type: 'string', default: '20000' },
      questions: { type: 'string', default: '200' },
      // A folder that is kept, and found again: filling takes most of the time.
      data: { type: 'string' },
    },
    args,
  );
  const [customers, questions] = ['customers', 'questions'].map((name) => whole(values, name));
  return () => run({ customers, questions, data: values.data }, args);
}

async function run({ customers, questions, data }, args) {
  const seed = seedOfRun();
  printHeading(`Search: ${customers.toLocaleString('en')} customers, ${questions} questions of each kind`);
  const folder = data ?? (await temporaryFolder());
  const dataDir = path.join(folder, 'postgres');
  const postgres = await startPostgres({ dataDir, port: await freePort(), password: 'bench' });
  try {
    const made = new MadeCustomers(data ? 1 : seed);
    const random = new Random(seed);
    const asked = { made, customers, questions, random, cpu: () => cpuMs(postgres.pid) };
    const rows = [
      ...(await withDatabase(postgres, 'search', searchMigrations, (dataSource) =>
        searchRows(dataSource, postgres.url('search'), asked),
      )),
      ...(await withDatabase(postgres, 'profile', profileMigrations, (dataSource) =>
        duplicateRows(dataSource, postgres.url('profile'), asked),
      )),
    ];
    printTable(rows);
    console.log(`\nSEED=${seed} npm run bench -- search ${args.join(' ')}`.trimEnd());
  } finally {
    await postgres.stop(60_000);
    if (!data) await removeFolder(folder);
  }
}

async function searchRows(dataSource, url, { made, customers, questions, random, cpu }) {
  await filled(dataSource, 'search_customer', customers, () => fillSearch(url, made, customers));
  const search = new SearchService(dataSource);
  const rows = [];
  for (const [name, { ask, of = () => true, first }] of Object.entries(kinds)) {
    const times = [];
    let [obvious, none, before] = [0, 0, 0];
    for (let n = -warmUp; n < questions; n++) {
      const sought = someone(made, customers, random, of);
      const request = ask(sought, random);
      if (n === 0) before = cpu();
      const begun = performance.now();
      const { items } = await search.search(request, 20);
      if (n < 0) continue;
      times.push(performance.now() - begun);
      if (items.length === 0) none++;
      else if (first?.(items[0], sought)) obvious++;
    }
    const share = (/** @type {number} */ count) => `${Math.round((100 * count) / questions)} %`;
    const said = first ? `${share(obvious)} obvious first` : none > 0 ? `${share(none)} nobody` : '';
    rows.push(rowOf(name, times, (cpu() - before) / questions, said));
  }
  return rows;
}

async function duplicateRows(dataSource, url, { made, customers, questions, random, cpu }) {
  await filled(dataSource, 'customer', customers, () => fillProfile(url, made, customers));
  const duplicates = new DuplicatesController(dataSource);
  const times = [];
  let before = 0;
  for (let n = -warmUp; n < questions; n++) {
    if (n === 0) before = cpu();
    const { id } = someone(made, customers, random, () => true);
    const begun = performance.now();
    await duplicates.duplicates(id, { limit: 20 });
    if (n >= 0) times.push(performance.now() - begun);
  }
  return [rowOf('likely duplicates', times, (cpu() - before) / questions, '')];
}

function someone(made, customers, random, of) {
  for (;;) {
    const one = made.customer(random.below(customers));
    if (of(one)) return one;
  }
}

function rowOf(what, times, cpu, said) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return {
    what,
    target: `p95 ≤ ${mostMs} ms`,
    measured: `p50 ${at(0.5).toFixed(1)}, p95 ${at(0.95).toFixed(1)} ms (most ${sorted.at(-1).toFixed(0)})`,
    beside: [`${cpu.toFixed(1)} ms CPU`, said].filter(Boolean).join(', '),
    verdict: judge(at(0.95), { must: mostMs, atMost: true }),
  };
}

/** Processor time of this process and of PostgreSQL's: what a busy machine changes least. */
function cpuMs(/** @type {number} */ postmaster) {
  const { user, system } = process.cpuUsage();
  return (
    (user + system) / 1000 + childrenOf(postmaster).reduce((sum, pid) => sum + cpuSeconds(pid) * 1000, 0)
  );
}

async function filled(dataSource, table, customers, fill) {
  const [{ count }] = await dataSource.query(`SELECT count(*)::integer AS count FROM ${table}`);
  if (count === customers) return;
  if (count > 0) throw new Error(`--data holds ${count} customers in ${table}, not ${customers}`);
  const begun = performance.now();
  process.stderr.write(`filling ${table} … `);
  await fill();
  process.stderr.write(`${Math.round((performance.now() - begun) / 1000)} s\n`);
}

async function withDatabase(postgres, name, migrations, work) {
  const client = new Client({ connectionString: postgres.url('postgres') });
  await client.connect();
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const dataSource = await openDatabase(postgres.url(name), { migrations });
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
