import { generateKeyPairSync } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '@app/database';
import { type TestDatabase, testDatabase } from '@app/testing';
import * as fc from 'fast-check';
import type { DataSource, EntityManager } from 'typeorm';
import { appendEvents } from './append/append-events.js';
import type { AuditedEvent, ChainedEntry } from './domain/audit-entry.js';
import { hashOf } from './domain/chain.js';
import { entryColumns, entryOf, type EntryRow } from './entries/entry-row.js';
import { CreateAudit1795305600000 } from './migrations/1795305600000-create-audit.js';
import { PublishHeads1795305600010 } from './migrations/1795305600010-publish-heads.js';
import { HeadsFile } from './publish/heads-file.js';
import { HeadsKey } from './publish/heads-key.js';
import { HeadsDifferError, type Publication, publishHeads } from './publish/publish-heads.js';
import { type Verification, verifyChains } from './verify/verify-chains.js';

/** T21: who may do anything to the database is found out by what lies elsewhere. */
const chains = 2;
const length = 30;
const mutations = 500;

const newKey = (): Promise<HeadsKey> =>
  HeadsKey.from(JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })));

let database: TestDatabase;
let dataSource: DataSource;
let publication: Publication;

beforeEach(async () => {
  database = await testDatabase();
  dataSource = await openDatabase(database.url, {
    migrations: [CreateAudit1795305600000, PublishHeads1795305600010],
  });
  publication = { folder: await mkdtemp(path.join(tmpdir(), 'audit-heads-')), key: await newKey() };
  for (const [from, to] of [
    [0, 1],
    [1, 12],
    [12, length],
  ]) {
    for (let chain = 0; chain < chains; chain++) await append(chain, from as number, to as number);
    await publishHeads(dataSource, publication);
  }
});
afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
  await rm(publication.folder, { recursive: true });
});

const append = (chain: number, from: number, to: number): Promise<number> =>
  dataSource.transaction((sql) =>
    appendEvents(
      sql,
      chain,
      Array.from({ length: to - from }, (_, i) => event(chain, from + i)),
      Date.now(),
    ),
  );

const event = (chain: number, n: number): AuditedEvent => ({
  eventId: `event-${chain}-${n}`,
  source: '/profile',
  type: 'AddressChanged',
  subject: `customer-${n % 3}`,
  headers: '{}',
  body: Buffer.from([chain, n]),
  sequenceNumber: n,
  enqueuedAt: 1_790_000_000_000 + n,
});

const fileOf = (chain: number): string => path.join(publication.folder, `chain-${chain}.heads`);

/** What verify says of a mutation, which is taken back afterwards. */
async function afterwards(mutate: (sql: EntityManager) => Promise<void>): Promise<Verification> {
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    await runner.query('SET LOCAL session_replication_role = replica');
    await mutate(runner.manager);
    return await verifyChains(runner.manager, publication);
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
}

/** Writes a chain anew from a position, every hash and the head as if it had always been so. */
async function rechain(
  sql: EntityManager,
  chain: number,
  from: number,
  change: (entry: ChainedEntry) => void,
) {
  const rows = await sql.query<EntryRow[]>(
    `SELECT ${entryColumns} FROM audit_entry WHERE partition_id = $1 AND position >= $2 ORDER BY position`,
    [chain, from],
  );
  let previous: Buffer | undefined;
  for (const [i, row] of rows.entries()) {
    const entry = entryOf(row);
    if (i === 0) change(entry);
    entry.previousHash = previous ?? entry.previousHash;
    previous = hashOf(entry);
    await sql.query(
      `UPDATE audit_entry SET type = $3, body = $4, previous_hash = $5, hash = $6
        WHERE partition_id = $1 AND position = $2`,
      [chain, entry.position, entry.type, entry.body, entry.previousHash, previous],
    );
  }
  await sql.query('UPDATE audit_chain SET hash = $2 WHERE partition_id = $1', [chain, previous]);
}

/** Cuts a chain behind a position and makes its head fit. */
async function cut(sql: EntityManager, chain: number, at: number): Promise<void> {
  await sql.query('DELETE FROM audit_entry WHERE partition_id = $1 AND position >= $2', [chain, at]);
  await sql.query(
    `UPDATE audit_chain SET position = $2 - 1, published = least(published, $2 - 1), hash = coalesce(
       (SELECT hash FROM audit_entry WHERE partition_id = $1 AND position = $2 - 1), decode(repeat('00', 32), 'hex'))
      WHERE partition_id = $1`,
    [chain, at],
  );
}

const columns = ['event_id', 'source', 'type', 'subject', 'headers'] as const;
const numbers = ['sequence_number', 'enqueued_at', 'recorded_at'] as const;

/** Makes the entry at that position the first bad one. */
type Tampering = (sql: EntityManager, chain: number, at: number, pick: number) => Promise<void>;
const kinds: Record<string, Tampering> = {
  edit: async (sql, chain, at, pick) => {
    const text = columns[pick % 8];
    const set = text
      ? `${text} = ${text} || 'x'`
      : `${numbers[(pick % 8) - 5]} = ${numbers[(pick % 8) - 5]} + 1`;
    await sql.query(`UPDATE audit_entry SET ${set} WHERE partition_id = $1 AND position = $2`, [chain, at]);
  },
  delete: async (sql, chain, at) => {
    await sql.query('DELETE FROM audit_entry WHERE partition_id = $1 AND position = $2', [chain, at]);
  },
  'delete and close the gap': async (sql, chain, at) => {
    await kinds['delete']?.(sql, chain, at, 0);
    await sql.query(`UPDATE audit_entry SET position = -position WHERE partition_id = $1 AND position > $2`, [
      chain,
      at,
    ]);
    await sql.query(
      `UPDATE audit_entry SET position = -position - 1 WHERE partition_id = $1 AND position < 0`,
      [chain],
    );
    await sql.query('UPDATE audit_chain SET position = position - 1 WHERE partition_id = $1', [chain]);
  },
  swap: async (sql, chain, at, pick) => {
    const other = at + 1 + (pick % (length - at));
    for (const [from, to] of [
      [at, -1],
      [other, at],
      [-1, other],
    ])
      await sql.query('UPDATE audit_entry SET position = $3 WHERE partition_id = $1 AND position = $2', [
        chain,
        from,
        to,
      ]);
  },
  cut: (sql, chain, at) => cut(sql, chain, at),
  rechain: (sql, chain, at, pick) =>
    rechain(sql, chain, at, (entry) => {
      if (pick % 2) entry.type = 'ConsentChanged';
      else entry.body = Buffer.from('forged');
    }),
};

it(`finds ${mutations} ways to tamper, and names the first bad entry`, async () => {
  expect(await verifyChains(dataSource, publication)).toEqual({
    valid: true,
    entries: chains * length,
    publishedEntries: chains * length,
  });
  const found = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(kinds)),
      fc.nat(chains - 1),
      fc.integer({ min: 1, max: length }),
      fc.nat(1_000),
      async (kind, chain, position, pick) => {
        // Two of them need an entry behind it.
        const at = ['swap', 'delete and close the gap'].includes(kind)
          ? Math.min(position, length - 1)
          : position;
        const { valid, firstBad } = await afterwards((sql) =>
          (kinds[kind] as Tampering)(sql, chain, at, pick),
        );
        expect(valid).toBe(false);
        expect(firstBad).toMatchObject({ partitionId: chain, position: at });
        found.add(kind);
      },
    ),
    { numRuns: mutations },
  );
  expect(found.size).toBe(Object.keys(kinds).length);
  expect((await verifyChains(dataSource, publication)).valid).toBe(true);
});

it('a chain that is gone altogether, head and all, is missed', async () => {
  const { firstBad } = await afterwards(async (sql) => {
    await sql.query('DELETE FROM audit_entry WHERE partition_id = 1');
    await sql.query('DELETE FROM audit_chain WHERE partition_id = 1');
  });
  expect(firstBad).toEqual({ partitionId: 1, position: 1, reason: 'missing' });
});

describe('the file of published heads', () => {
  const verified = async () => (await verifyChains(dataSource, publication)).firstBad;

  it('that was removed is missed', async () => {
    await rm(fileOf(1));
    expect(await verified()).toEqual({ partitionId: 1, position: 1, reason: 'published head missing' });
  });

  it('that lost its last line is missed', async () => {
    const lines = (await readFile(fileOf(1), 'utf8')).trimEnd().split('\n');
    await writeFile(fileOf(1), `${lines.slice(0, -1).join('\n')}\n`);
    expect(await verified()).toEqual({ partitionId: 1, position: 13, reason: 'published head missing' });
  });

  it.each([
    ['lost a line in the middle', (lines: string[]) => lines.splice(1, 1), 2],
    ['has a line twice', (lines: string[]) => lines.splice(1, 0, lines[0] as string), 2],
    ['was edited', (lines: string[]) => lines.splice(1, 1, lines[1]?.replace('.', '.A') as string), 2],
  ])('that %s is told as forged', async (_, change, position) => {
    const lines = (await readFile(fileOf(0), 'utf8')).trimEnd().split('\n');
    change(lines);
    await writeFile(fileOf(0), `${lines.join('\n')}\n`);
    expect(await verified()).toEqual({ partitionId: 0, position, reason: 'published head forged' });
  });

  it('signed by another key is no proof', async () => {
    const other = { ...publication, key: await newKey() };
    expect((await verifyChains(dataSource, other)).firstBad).toMatchObject({
      reason: 'published head forged',
    });
    await expect(publishHeads(dataSource, other)).rejects.toThrow('not signed by AUDIT_HEADS_KEY');
  });

  it('whose last line was torn by a crash goes on without it', async () => {
    await append(0, length, length + 5);
    await appendFile(fileOf(0), 'eyJhbGciOi');
    expect(await verified()).toBeUndefined();
    expect(await publishHeads(dataSource, publication)).toBe(5);
    expect(await verifyChains(dataSource, publication)).toEqual({
      valid: true,
      entries: chains * length + 5,
      publishedEntries: chains * length + 5,
    });
  });

  it('that is ahead of what the database noted, after a crash, goes on', async () => {
    await dataSource.query('UPDATE audit_chain SET published = 12');
    expect(await publishHeads(dataSource, publication)).toBe(0);
    expect(await dataSource.query('SELECT DISTINCT published FROM audit_chain')).toEqual([
      { published: '30' },
    ]);
  });
});

describe('publishing', () => {
  it('counts what it published, and says nothing where nothing is new', async () => {
    const size = await new HeadsFile(publication.folder, 0).size();
    expect(await publishHeads(dataSource, publication)).toBe(0);
    expect(await new HeadsFile(publication.folder, 0).size()).toBe(size);
  });

  it('leaves it to one of several', async () => {
    await append(0, length, length + 5);
    const counts = await Promise.all([1, 2, 3].map(() => publishHeads(dataSource, publication)));
    expect(counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)).toBe(5);
    expect((await verifyChains(dataSource, publication)).valid).toBe(true);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['a chain that was cut', () => tamper((sql) => cut(sql, 1, 20)), 'entry 30 is not the one'],
    [
      'a chain that was rewritten',
      () => tamper((sql) => rechain(sql, 1, 4, (entry) => (entry.body = Buffer.from('forged')))),
      'entry 30 is not the one',
    ],
    ['a file that was cut', () => truncate(fileOf(1), 0), 'ends at 0, but 30 entries were published'],
  ])('refuses to go on over %s', async (_, change, message) => {
    await change();
    await append(0, length, length + 1);
    const publishing = publishHeads(dataSource, publication);
    await expect(publishing).rejects.toThrow(HeadsDifferError);
    await expect(publishing).rejects.toThrow(message);
  });

  const tamper = (mutate: (sql: EntityManager) => Promise<void>): Promise<void> =>
    dataSource.transaction(async (sql) => {
      await sql.query('SET LOCAL session_replication_role = replica');
      await mutate(sql);
    });
});
