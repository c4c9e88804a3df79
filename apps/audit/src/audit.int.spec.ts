import { openDatabase } from '@app/database';
import { type TestDatabase, testDatabase } from '@app/testing';
import * as fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { appendEvents } from './append/append-events.js';
import type { AuditedEvent } from './domain/audit-entry.js';
import { listEntries } from './entries/list-entries.js';
import { CreateAudit1795305600000 } from './migrations/1795305600000-create-audit.js';
import { PublishHeads1795305600010 } from './migrations/1795305600010-publish-heads.js';
import { compareWithAudit } from './verify/compare-with-audit.js';
import { verifyChains } from './verify/verify-chains.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await testDatabase();
  dataSource = await openDatabase(database.url, {
    migrations: [CreateAudit1795305600000, PublishHeads1795305600010],
  });
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** As one who may do anything to the database. */
async function tamper(...statements: string[]): Promise<void> {
  await dataSource.transaction(async (manager) => {
    await manager.query(`SET LOCAL session_replication_role = replica`);
    for (const statement of statements) await manager.query(statement);
  });
}

beforeEach(() => tamper('TRUNCATE audit_entry, audit_chain'));

const event = (n: number, more: Partial<AuditedEvent> = {}): AuditedEvent => ({
  eventId: `event-${n}`,
  source: '/profile',
  type: 'AddressChanged',
  subject: `customer-${n % 3}`,
  headers: JSON.stringify({ cloudEvents_id: `event-${n}` }),
  body: Buffer.from([0, n, 255]),
  sequenceNumber: n,
  enqueuedAt: 1_790_000_000_000 + n,
  ...more,
});
const events = (from: number, to: number): AuditedEvent[] =>
  Array.from({ length: to - from }, (_, n) => event(from + n));
const append = (partitionId: number, batch: AuditedEvent[]): Promise<number> =>
  dataSource.transaction((manager) => appendEvents(manager, partitionId, batch, Date.now()));

describe('comparing with what the stream hands over again', () => {
  it('counts what is as it was, and names what is missing or different', async () => {
    await append(0, events(0, 6));
    await tamper(`UPDATE audit_entry SET body = '\\x00' WHERE event_id = 'event-2'`);
    await tamper(`UPDATE audit_entry SET type = 'Other', headers = '{}' WHERE event_id = 'event-4'`);
    await tamper(`DELETE FROM audit_entry WHERE event_id = 'event-5'`);
    const again = Array.from({ length: 6 }, (_, n) => event(n, { sequenceNumber: n + 100 }));
    expect(await compareWithAudit(dataSource, again)).toEqual({
      verified: 3,
      findings: [
        { eventId: 'event-2', source: '/profile', sequenceNumber: 102, finding: 'different', detail: 'body' },
        {
          eventId: 'event-4',
          source: '/profile',
          sequenceNumber: 104,
          finding: 'different',
          detail: 'type, headers',
        },
        { eventId: 'event-5', source: '/profile', sequenceNumber: 105, finding: 'missing' },
      ],
    });
  });
});

describe('appending', () => {
  it('keeps what came as it came, in order', async () => {
    await append(1, events(0, 5));
    const entries = await listEntries(dataSource, { customerId: undefined, after: undefined, limit: 10 });
    expect(entries.map(({ position }) => position)).toEqual([1n, 2n, 3n, 4n, 5n]);
    expect(entries[3]).toMatchObject(event(3));
  });

  it('appends no event twice, neither within a batch nor later', async () => {
    expect(await append(0, [...events(0, 3), ...events(0, 3)])).toBe(3);
    expect(await append(0, events(1, 5))).toBe(2);
    expect(await append(0, events(0, 5))).toBe(0);
    expect(await verifyChains(dataSource)).toEqual({ valid: true, entries: 5 });
  });

  it('comes to one entry an event, in the order of their first coming, whatever comes twice', async () => {
    const batches = fc.array(fc.array(fc.nat(12), { maxLength: 6 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(batches, async (numbers) => {
        await tamper('TRUNCATE audit_entry, audit_chain');
        for (const batch of numbers)
          await append(
            0,
            batch.map((n) => event(n)),
          );
        const entries = await listEntries(dataSource, {
          customerId: undefined,
          after: undefined,
          limit: 100,
        });
        expect(entries.map(({ sequenceNumber }) => sequenceNumber)).toEqual([...new Set(numbers.flat())]);
        expect(await verifyChains(dataSource)).toEqual({
          valid: true,
          entries: entries.length,
        });
      }),
      { numRuns: 40 },
    );
  });

  it('tells events of the same id by their source', async () => {
    expect(await append(0, [event(1), event(1, { source: '/elsewhere' })])).toBe(2);
  });

  it('neither forks nor deadlocks with several writers to each of four partitions', async () => {
    const writers = Array.from({ length: 12 }, (_, writer) => async () => {
      for (let batch = 0; batch < 10; batch++) {
        const from = (writer * 10 + batch) * 20;
        await append(writer % 4, events(from, from + 20));
      }
    });
    await Promise.all(writers.map((write) => write()));
    expect(await verifyChains(dataSource)).toEqual({ valid: true, entries: 2_400 });
    const lengths = await dataSource.query('SELECT position FROM audit_chain ORDER BY partition_id');
    expect(lengths).toEqual(Array.from({ length: 4 }, () => ({ position: '600' })));
  });

  it('leaves nothing of a transaction that was rolled back', async () => {
    await append(0, events(0, 2));
    await expect(
      dataSource.transaction(async (manager) => {
        await appendEvents(manager, 0, events(2, 4), Date.now());
        throw new Error('the position was fenced');
      }),
    ).rejects.toThrow('fenced');
    await append(0, events(4, 6));
    expect(await verifyChains(dataSource)).toEqual({ valid: true, entries: 4 });
  });

  it.each([[`UPDATE audit_entry SET type = 'x'`], ['DELETE FROM audit_entry'], ['TRUNCATE audit_entry']])(
    '%s is refused',
    async (statement) => {
      await append(0, events(0, 2));
      await expect(dataSource.query(statement)).rejects.toThrow('append-only');
    },
  );
});

describe('verifying', () => {
  beforeEach(async () => {
    await append(0, events(0, 20));
    await append(1, events(20, 40));
  });

  const columns = ['event_id', 'source', 'type', 'subject', 'headers'];
  it.each<[what: string, statement: string, reason: string]>([
    ...columns.map((column): [string, string, string] => [
      `an edited ${column}`,
      `UPDATE audit_entry SET ${column} = ${column} || ' ' WHERE partition_id = 1 AND position = 7`,
      'altered',
    ]),
    [
      'an edited body',
      `UPDATE audit_entry SET body = body || '\\x00' WHERE partition_id = 1 AND position = 7`,
      'altered',
    ],
    [
      'an emptied subject',
      'UPDATE audit_entry SET subject = NULL WHERE partition_id = 1 AND position = 7',
      'altered',
    ],
    [
      'an edited time',
      'UPDATE audit_entry SET recorded_at = recorded_at + 1 WHERE partition_id = 1 AND position = 7',
      'altered',
    ],
    [
      'an edited hash',
      `UPDATE audit_entry SET hash = sha256('x') WHERE partition_id = 1 AND position = 7`,
      'altered',
    ],
    [
      'an edited link',
      `UPDATE audit_entry SET previous_hash = sha256('x') WHERE partition_id = 1 AND position = 7`,
      'not linked to the entry before',
    ],
    ['a deleted entry', 'DELETE FROM audit_entry WHERE partition_id = 1 AND position = 7', 'missing'],
    ['a cut tail', 'DELETE FROM audit_entry WHERE partition_id = 1 AND position >= 7', 'missing'],
    [
      'an entry moved to another chain',
      'UPDATE audit_entry SET partition_id = 2 WHERE partition_id = 1 AND position = 7',
      'missing',
    ],
  ])('finds %s', async (_, statement, reason) => {
    await tamper(statement);
    const { valid, firstBad } = await verifyChains(dataSource);
    expect(valid).toBe(false);
    expect(firstBad).toMatchObject({ partitionId: 1, position: 7, reason });
  });

  it('finds two entries that changed places', async () => {
    await tamper(
      'UPDATE audit_entry SET position = -1 WHERE partition_id = 1 AND position = 7',
      'UPDATE audit_entry SET position = 7 WHERE partition_id = 1 AND position = 8',
      'UPDATE audit_entry SET position = 8 WHERE partition_id = 1 AND position = -1',
    );
    expect((await verifyChains(dataSource)).firstBad).toMatchObject({ partitionId: 1, position: 7 });
  });

  it.each([
    ['after the head', 21],
    ['before the first', 0],
  ])('finds an entry smuggled in %s', async (_, position) => {
    await tamper(
      `INSERT INTO audit_entry SELECT partition_id, ${position}, 'forged', source, type, subject, headers, body, sequence_number,
              enqueued_at, recorded_at, previous_hash, hash FROM audit_entry WHERE partition_id = 1 AND position = 20`,
    );
    expect((await verifyChains(dataSource)).firstBad).toMatchObject({
      partitionId: 1,
      position,
      eventId: 'forged',
    });
  });

  it('finds a chain without a head, and a head without its chain', async () => {
    await tamper('DELETE FROM audit_chain WHERE partition_id = 1');
    expect((await verifyChains(dataSource)).firstBad).toMatchObject({
      partitionId: 1,
      position: 1,
      reason: 'unexpected',
    });
    await tamper('DELETE FROM audit_entry');
    expect((await verifyChains(dataSource)).firstBad).toMatchObject({
      partitionId: 0,
      position: 1,
      reason: 'missing',
    });
  });

  it('finds a chain that was computed anew, as long as its head was not', async () => {
    await tamper(`UPDATE audit_entry SET hash = sha256('forged') WHERE partition_id = 1 AND position = 20`);
    expect((await verifyChains(dataSource)).firstBad).toMatchObject({ partitionId: 1, position: 20 });
  });

  it('does not mind what is appended meanwhile', async () => {
    const [verification] = await Promise.all([verifyChains(dataSource), append(0, events(40, 60))]);
    expect(verification.valid).toBe(true);
    expect((await verifyChains(dataSource)).entries).toBe(60);
  });
});

describe('listing', () => {
  it('tells the story of one customer in order, page by page', async () => {
    await append(0, events(0, 30));
    const story: string[] = [];
    let after;
    for (;;) {
      const page = await listEntries(dataSource, { customerId: 'customer-1', after, limit: 4 });
      story.push(...page.map(({ eventId }) => eventId));
      after = page.at(-1);
      if (page.length < 4) break;
    }
    expect(story).toEqual([1, 4, 7, 10, 13, 16, 19, 22, 25, 28].map((n) => `event-${n}`));
  });
});
