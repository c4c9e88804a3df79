import { eventually } from '@app/testing';
import { Client } from 'pg';
import { Platform } from '../support/platform.js';
import { Canaries } from './erasure/canaries.js';
import { importAll, live, type Person, unite } from './erasure/lives.js';
import { goAstray } from './erasure/strays.js';
import { scanFiles } from './erasure/scan-files.js';
import { sizeOf } from './support/runs.js';

interface Erasure {
  id: string;
  status: string;
  sweptAt?: string;
  groups: { consumerGroup: string; confirmedAt: string | null }[];
}

const persons = sizeOf({ ci: 50, full: 200, soak: 2_000 });
const witnesses = 3;
/** Some of the persons are merged with another. */
const united = 10;
/** With the persons, 200 words that no log may hold. */
const lost = 150;
const consumers = ['search-indexer', 'audit', 'address-notifications'] as const;

/** T22: afterwards no byte that the platform keeps has anything of the customers who were erased. */
describe('T22, erasure', () => {
  let platform: Platform;
  const erased = new Canaries();
  const kept = new Canaries();
  const stray = new Canaries();
  /** Who live on in one of those who are gone. */
  let merged: Person[];
  let gone: Person[];
  let staying: Person[];

  const scan = ({ needles }: Canaries) => scanFiles(platform.env.DATA_DIR, needles);

  async function asSuperuser<T>(database: string, ask: (sql: Client) => Promise<T>): Promise<T> {
    const sql = new Client({ connectionString: await platform.databaseUrl(database) });
    await sql.connect();
    try {
      return await ask(sql);
    } finally {
      await sql.end();
    }
  }

  beforeAll(async () => {
    platform = await Platform.start();
  }, 120_000);
  afterAll(() => platform.stop(), 30_000);

  it('finds the canaries before, wherever they are', async () => {
    const living = Array.from({ length: persons }, () => live(platform, erased.next()));
    const witnessing = Array.from({ length: witnesses }, () => live(platform, kept.next()));
    [gone, staying] = await Promise.all([Promise.all(living), Promise.all(witnessing)]);
    await importAll(platform, gone);
    const unions = await unite(platform, gone.slice(-united), erased);
    ({ merged } = unions);
    gone.push(...unions.parted);
    await platform.settled();
    // One whose next event waits, and one with an event behind it that was never handled.
    const [waiting] = gone as [Person];
    await platform.post('search-indexer', '/admin/faults', { customerId: waiting.id });
    const current = await platform.get<{ version: number }>('profile', `/v1/customers/${waiting.id}`);
    await platform.change(
      { ...waiting, etag: `"${current.version}"` },
      { familyName: `${waiting.canary.word} waits` },
    );
    const [{ canary }] = staying as [Person];
    for (const { word } of [waiting.canary, canary])
      await eventually(async () => {
        const { items } = await platform.get<{ items: unknown[] }>(
          'mailbox',
          `/messages?to=${word}@example.org`,
        );
        return items.length > 0;
      });
    // The planner remembers values, and all of it is in the files.
    for (const database of ['profile', 'search_indexer'])
      await asSuperuser(database, async (sql) => {
        await sql.query('ANALYZE');
        await sql.query('CHECKPOINT');
      });
    const { hits } = await scan(erased);
    expect(hits.some((hit) => hit.startsWith('/postgres/base/'))).toBe(true);
    expect(hits.some((hit) => hit.startsWith('/postgres/pg_wal/'))).toBe(true);
    expect(hits.some((hit) => hit.startsWith('/mailbox/'))).toBe(true);
    // Events are sealed: the hub never held them in the clear.
    expect(hits.filter((hit) => hit.startsWith('/broker/'))).toEqual([]);
  }, 240_000);

  it('erases at once: no interface, no log, and every group says so', async () => {
    const erasures: Erasure[] = [];
    for (const { id } of gone) {
      const response = await platform.request('profile', `/v1/customers/${id}`, { method: 'DELETE' });
      expect(response.status).toBe(202);
      erasures.push((await response.json()) as Erasure);
    }
    await platform.request('search-indexer', '/admin/faults', { method: 'DELETE' });
    for (const { id } of erasures) {
      const done = await eventually(
        async () => {
          const erasure = await platform.get<Erasure>('profile', `/v1/erasures/${id}`);
          return erasure.status === 'completed' && erasure;
        },
        { timeoutMs: 60_000, intervalMs: 100 },
      );
      expect(done.groups.map(({ consumerGroup }) => consumerGroup)).toEqual(
        [...consumers, 'event-grid'].sort(),
      );
    }
    for (const { id, canary } of [...gone, ...merged]) {
      const answers = await Promise.all([
        platform.request('profile', `/v1/customers/${id}`),
        platform.request('profile', `/v1/customers?email=${canary.word}%40example.org`),
        platform.request('search-indexer', `/v1/search/customers?q=${canary.word}`),
        platform.request('audit', `/v1/audit/entries?customerId=${id}&limit=200`),
        platform.request('address-notifications', `/v1/notifications?customerId=${id}`),
        platform.request('search-indexer', `/admin/parked?customerId=${id}&state=retrying`),
        platform.request('profile', `/v1/customers/${id}/history`),
      ]);
      const text = (await Promise.all(answers.map((answer) => answer.text()))).join('\n');
      expect(text.toLowerCase()).not.toContain(canary.word);
      expect(text).not.toContain(canary.phone);
      expect(answers[0]?.status).toBe(410);
    }
    await eventually(async () => {
      const mails = await platform.all<{ to: string[] }>('mailbox', '/messages?limit=200');
      return mails.length === staying.length && mails;
    });
  }, 240_000);

  it('and whatever goes astray besides, no log has a word of anybody', async () => {
    const canaries = Array.from({ length: lost }, () => stray.next());
    const statuses = await goAstray(platform, canaries);
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect(statuses.filter((status) => status >= 400).length).toBeGreaterThan(lost / 2);
    await platform.settled();
    const lines = platform.output().toLowerCase().split('\n');
    const telling = lines.filter((line) =>
      [erased, kept, stray].some(({ needles }) => needles.some((needle) => line.includes(needle))),
    );
    expect(telling).toEqual([]);
    // None was dropped unseen, and the services did say something.
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.length).toBeLessThan(2_000);
  }, 120_000);

  it('and after the sweep no byte of any file, while those who stay are there', async () => {
    // The search forgets words that nobody has any more on a round of its own.
    await platform.settled();
    const { code, output } = await platform.command('apps/local/dist/erasure-sweep/main.js', []);
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringMatching(new RegExp(`^${gone.length + merged.length} erasures swept`)) as string,
    });
    const { hits, files, bytes } = await scan(erased);
    expect(hits).toEqual([]);
    expect((await scan(kept)).hits.length).toBeGreaterThan(0);
    process.stdout.write(
      `T22: ${gone.length + merged.length} erasures, 0 hits in ${files} files, ${Math.round(bytes / 2 ** 20)} MiB; ${output.split('\n')[0]}\n`,
    );
    const again = await platform.request('profile', `/v1/customers/${gone[0]?.id}`, { method: 'DELETE' });
    expect((await again.json()) as Erasure).toHaveProperty('sweptAt');
  }, 240_000);

  it('and a replay from the start still works, and brings nobody back', async () => {
    for (const consumer of consumers) await platform.post(consumer, '/admin/replay', { from: 'earliest' });
    await eventually(
      async () => {
        const states = await Promise.all(
          consumers.map((consumer) => platform.get<{ state: string }>(consumer, '/admin/replay')),
        );
        return states.every(({ state }) => state === 'finished');
      },
      { timeoutMs: 120_000, intervalMs: 100 },
    );
    const found = async (q: string) =>
      (await platform.get<{ items: { id: string }[] }>('search-indexer', `/v1/search/customers?q=${q}`))
        .items;
    for (const { id, canary } of staying)
      expect((await found(canary.word)).map((item) => item.id)).toContain(id);
    for (const { id, canary } of gone.slice(0, 10))
      expect((await found(canary.word)).map((item) => item.id)).not.toContain(id);
    const verification = await platform.get<{ valid: boolean }>('audit', '/v1/audit/verify');
    expect(verification.valid).toBe(true);
    expect((await scan(erased)).hits).toEqual([]);
  }, 240_000);

  it('is never seen where a key was lost: the partition waits, nothing is forgotten, and goes on with the key', async () => {
    const [witness] = staying as [Person];
    await platform.post('search-indexer', '/admin/pause');
    const { version } = await platform.get<{ version: number }>('profile', `/v1/customers/${witness.id}`);
    const changed = await platform.change(
      { ...witness, etag: `"${version}"` },
      { familyName: `${witness.canary.word} anew` },
    );
    const { rows } = await asSuperuser('profile', (sql) =>
      sql.query<{ key: Buffer }>('DELETE FROM personal_data_key WHERE customer_id = $1 RETURNING key', [
        witness.id,
      ]),
    );
    // Its key is remembered no more.
    await platform.kill('search-indexer');
    await eventually(
      async () =>
        (await platform.request('search-indexer', '/admin/resume', { method: 'POST', body: '{}' })).ok,
      { timeoutMs: 60_000 },
    );
    await eventually(() => platform.output().includes(`No customer has the id ${witness.id}`), {
      timeoutMs: 60_000,
    });
    const [eventId = ''] = changed.eventIds;
    const groups = ['search-indexer'];
    const held = await platform.effects(eventId, { groups, waitSeconds: 0 });
    expect(held.groups['search-indexer']?.state).toBe('pending');
    const { items } = await platform.get<{ items: { id: string }[] }>(
      'search-indexer',
      `/v1/search/customers?q=${witness.canary.word}`,
    );
    expect(items.map(({ id }) => id)).toContain(witness.id);
    expect((await platform.request('profile', `/v1/customers/${witness.id}`)).status).toBe(200);

    await asSuperuser('profile', (sql) =>
      sql.query('INSERT INTO personal_data_key (customer_id, key) VALUES ($1, $2)', [
        witness.id,
        rows[0]?.key,
      ]),
    );
    expect((await platform.effects(eventId, { groups })).groups['search-indexer']?.state).toBe('applied');
  }, 240_000);
});
