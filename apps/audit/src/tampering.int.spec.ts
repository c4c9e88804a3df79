import * as fc from 'fast-check';
import type { EntityManager } from 'typeorm';
import { chains, cut, length, PublishedAudit, rechain } from '../test/published-audit.js';
import { type Verification, verifyChains } from './verify/verify-chains.js';

/** T21: who may do anything to the database is found out by what lies elsewhere. */
const mutations = 500;

let audit: PublishedAudit;

beforeEach(async () => {
  audit = await PublishedAudit.open();
});
afterEach(() => audit.close());

const verify = () => verifyChains(audit.dataSource, audit.publication);

/** What verify says of a mutation, which is taken back afterwards. */
async function afterwards(mutate: (sql: EntityManager) => Promise<void>): Promise<Verification> {
  const runner = audit.dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    await runner.query('SET LOCAL session_replication_role = replica');
    await mutate(runner.manager);
    return await verifyChains(runner.manager, audit.publication);
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
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
  expect(await verify()).toEqual({ valid: true, entries: chains * length });
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
  expect((await verify()).valid).toBe(true);
});

it('a chain that is gone altogether, head and all, is missed', async () => {
  const { firstBad } = await afterwards(async (sql) => {
    await sql.query('DELETE FROM audit_entry WHERE partition_id = 1');
    await sql.query('DELETE FROM audit_chain WHERE partition_id = 1');
  });
  expect(firstBad).toEqual({ partitionId: 1, position: 1, reason: 'missing' });
});
