import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '@app/database';
import { testDatabase } from '@app/testing';
import type { DataSource, EntityManager } from 'typeorm';
import { appendEvents } from '../src/append/append-events.js';
import type { AuditedEvent, ChainedEntry } from '../src/domain/audit-entry.js';
import { hashOf } from '../src/domain/chain.js';
import { entryColumns, entryOf, type EntryRow } from '../src/entries/entry-row.js';
import { CreateAudit1795305600000 } from '../src/migrations/1795305600000-create-audit.js';
import { PublishHeads1795305600010 } from '../src/migrations/1795305600010-publish-heads.js';
import { HeadsKey } from '../src/publish/heads-key.js';
import { type Publication, publishHeads } from '../src/publish/publish-heads.js';

export const chains = 2;
export const length = 30;

export const newKey = (): Promise<HeadsKey> =>
  HeadsKey.from(JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })));

/** An audit with two chains of thirty entries, published in three lines each, and whoever may do anything to it. */
export class PublishedAudit {
  private constructor(
    readonly dataSource: DataSource,
    readonly publication: Publication,
    private readonly drop: () => Promise<void>,
  ) {}

  static async open(): Promise<PublishedAudit> {
    const database = await testDatabase();
    const dataSource = await openDatabase(database.url, {
      migrations: [CreateAudit1795305600000, PublishHeads1795305600010],
    });
    const publication = { folder: await mkdtemp(path.join(tmpdir(), 'audit-heads-')), key: await newKey() };
    const audit = new PublishedAudit(dataSource, publication, () => database.drop());
    for (const [from, to] of [
      [0, 1],
      [1, 12],
      [12, length],
    ]) {
      for (let chain = 0; chain < chains; chain++) await audit.append(chain, from as number, to as number);
      await publishHeads(dataSource, publication);
    }
    return audit;
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
    await this.drop();
    await rm(this.publication.folder, { recursive: true });
  }

  append(chain: number, from: number, to: number): Promise<number> {
    const events = Array.from({ length: to - from }, (_, i) => event(chain, from + i));
    return this.dataSource.transaction((sql) => appendEvents(sql, chain, events, Date.now()));
  }

  fileOf(chain: number): string {
    return path.join(this.publication.folder, `chain-${chain}.heads`);
  }

  /** Does what the table refuses everybody else. */
  tamper(mutate: (sql: EntityManager) => Promise<void>): Promise<void> {
    return this.dataSource.transaction(async (sql) => {
      await sql.query('SET LOCAL session_replication_role = replica');
      await mutate(sql);
    });
  }
}

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

/** Writes a chain anew from a position, every hash and the head as if it had always been so. */
export async function rechain(
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
export async function cut(sql: EntityManager, chain: number, at: number): Promise<void> {
  await sql.query('DELETE FROM audit_entry WHERE partition_id = $1 AND position >= $2', [chain, at]);
  await sql.query(
    `UPDATE audit_chain SET position = $2 - 1, published = least(published, $2 - 1), hash = coalesce(
       (SELECT hash FROM audit_entry WHERE partition_id = $1 AND position = $2 - 1), decode(repeat('00', 32), 'hex'))
      WHERE partition_id = $1`,
    [chain, at],
  );
}
