import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { DataSource, type EntityManager, Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { ImportMapping } from '../domain/import-mapping.js';
import { remember } from '../idempotency/idempotency-records.sql.js';
import { type KeyedRequest, withBytes } from '../idempotency/keyed-request.js';
import { acceptedAnswer } from './import-view.js';
import { Import, type ImportFormat } from './import.entity.js';

const chunkBytes = 256 * 1024;

export interface NewImport {
  format: ImportFormat;
  /** Apply every row once more, although the same bytes were imported before. */
  again: boolean;
  dryRun: boolean;
  mapping: ImportMapping | null;
  traceparent: string;
  /** Where the client named a key to retry with. */
  keyed?: KeyedRequest | undefined;
}

/** Days that a refused row can be read again, to be corrected. */
const originalsDays = 30;

/**
 * Keeps the bytes of an import in the database until every row is dealt with: once the client has its 202, the import
 * survives any crash of this process, on whichever machine it starts again.
 */
@Injectable()
export class ImportStore {
  constructor(
    @InjectRepository(Import) private readonly imports: Repository<Import>,
    private readonly dataSource: DataSource,
  ) {}

  /**
   * Takes the whole body. The same bytes that are still being worked through are the same import: it is answered.
   * @throws what the body's stream throws; nothing is kept then.
   */
  async receive(wanted: NewImport, body: AsyncIterable<Buffer>): Promise<Import> {
    const id = uuidv7();
    const { format, dryRun, mapping, traceparent } = wanted;
    await this.imports.insert({ id, format, dryRun, mapping, traceparent, status: 'receiving' });
    try {
      const read = [...(mapping ? [JSON.stringify(mapping)] : []), ...(dryRun ? ['dry run'] : [])];
      const hash = createHash('sha256').update([format, ...read, ''].join('\n'));
      let position = 0;
      for await (const chunk of rechunked(body)) {
        hash.update(chunk);
        await this.dataSource.query(
          'INSERT INTO import_chunk (import_id, position, bytes) VALUES ($1, $2, $3)',
          [id, position++, chunk],
        );
      }
      return await this.accept(id, hash.digest('hex'), wanted);
    } catch (error) {
      await this.imports.delete({ id });
      throw error;
    }
  }

  private accept(id: string, sha256: string, { again, keyed }: NewImport): Promise<Import> {
    return this.dataSource.transaction(async (manager) => {
      // Two uploads of one file at once: the lock lets the second see the first.
      await manager.query("SELECT pg_advisory_xact_lock(hashtext('import'), hashtext($1))", [sha256]);
      const running = await manager.findOneBy(Import, { sha256, status: 'running' });
      if (running) await manager.delete(Import, { id });
      else await begin(manager, { id, sha256, again });
      const accepted = running ?? (await manager.findOneByOrFail(Import, { id }));
      if (keyed) withBytes(keyed, sha256);
      await remember(manager, keyed, acceptedAnswer(accepted), []);
      return accepted;
    });
  }

  /** The bytes in order, a chunk at a time. */
  async *bytes(id: string): AsyncGenerator<Buffer> {
    for (let position = 0; ; position++) {
      const rows: { bytes: Buffer }[] = await this.dataSource.query(
        'SELECT bytes FROM import_chunk WHERE import_id = $1 AND position = $2',
        [id, position],
      );
      if (!rows[0]) return;
      yield rows[0].bytes;
    }
  }

  /** Numbers of the rows that an import refused. */
  async refusedRows(id: string): Promise<Set<number>> {
    const rows: { row_number: number }[] = await this.dataSource.query(
      'SELECT row_number FROM import_error WHERE import_id = $1',
      [id],
    );
    return new Set(rows.map((row) => row.row_number));
  }

  find(id: string): Promise<Import | null> {
    return this.imports.findOneBy({ id });
  }

  /** The oldest import that has rows left. */
  next(): Promise<Import | null> {
    return this.imports.findOne({ where: { status: 'running' }, order: { id: 'ASC' } });
  }

  /** Ends an import; its bytes, personal data that they are, go. */
  async finish(id: string, failure?: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const status = failure === undefined ? 'completed' : 'failed';
      await manager.update(Import, { id }, { status, failure: failure ?? null, finishedAt: new Date() });
      for (const table of ['import_chunk', 'import_said', 'import_draft'])
        await manager.query(`DELETE FROM ${table} WHERE import_id = $1`, [id]);
    });
  }

  /** Uploads that a crash cut off were never acknowledged; refused rows that nobody corrected are forgotten. */
  async dropAbandoned(): Promise<void> {
    await this.dataSource.query(
      "DELETE FROM import WHERE status = 'receiving' AND created_at < now() - interval '1 day'",
    );
    await this.dataSource.query(
      `UPDATE import_error SET original = NULL, account_number = NULL
         FROM import
        WHERE import.id = import_id AND original IS NOT NULL AND finished_at < now() - $1::int * interval '1 day'`,
      [originalsDays],
    );
  }
}

async function begin(
  manager: EntityManager,
  { id, sha256, again }: { id: string; sha256: string; again: boolean },
): Promise<void> {
  const before = { where: { sha256, status: 'completed' as const }, order: { id: 'DESC' as const } };
  const repeats = again ? null : ((await manager.findOne(Import, before))?.id ?? null);
  await manager.update(Import, { id }, { sha256, repeats, status: 'running' });
}

/** Pieces of at most 256 KiB, whatever the network made of them. */
async function* rechunked(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const piece of body) {
    held.push(piece);
    size += piece.length;
    if (size < chunkBytes) continue;
    yield Buffer.concat(held);
    held = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(held);
}
