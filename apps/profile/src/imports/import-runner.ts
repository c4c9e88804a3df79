import { setImmediate as turn } from 'node:timers/promises';
import { OutboxRelay } from '@app/outbox';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { actingAs } from '../history/actor.js';
import { CustomerWriter } from '../customers/write-customers.sql.js';
import { applyBatch, BatchOvertakenError, type BatchResult } from './import-batch.js';
import { noMapping } from '../domain/import-mapping.js';
import { Import } from './import.entity.js';
import { ImportStore } from './import-store.js';
import { prepareBatch, type PreparedBatch } from './prepared-batch.js';
import { type NumberedRow, readRows } from './read-rows.js';
import { UnreadableFileError } from './row-reader.js';

/** What is written at once: two batches are in memory at a time. */
const batchLimit = { rows: 500, bytes: 4 * 1024 * 1024 };
const attempts = 5;
/** About a millisecond's work. */
const rowsATurn = 50;

/** Works through one import: a transaction a batch, which moves the import's `read` with the customers it writes. */
@Injectable()
export class ImportRunner {
  constructor(
    private readonly dataSource: DataSource,
    private readonly store: ImportStore,
    private readonly writer: CustomerWriter,
    private readonly relay: OutboxRelay,
  ) {}

  /**
   * Goes on behind the rows that are dealt with; while PostgreSQL writes a batch, the next one is read and sealed. Stops
   * between two batches once `signal` says so.
   */
  async run(job: Import, signal: AbortSignal): Promise<void> {
    let writing = Promise.resolve();
    try {
      for await (const rows of this.batches(job)) {
        const batch = await prepareBatch(this.dataSource.manager, job, rows);
        await writing;
        if (signal.aborted) return;
        writing = this.apply(job, batch);
        writing.catch(() => undefined); // told when it is awaited
      }
      await writing;
      await this.store.finish(job.id);
    } catch (error) {
      await writing; // nobody goes on with this import before
      if (!(error instanceof UnreadableFileError)) throw error;
      await this.store.finish(job.id, error.message);
    } finally {
      this.relay.wake();
    }
  }

  private async *batches(job: Import): AsyncGenerator<NumberedRow[]> {
    const refusedBefore = job.repeats === null ? undefined : await this.store.refusedRows(job.repeats);
    let batch: NumberedRow[] = [];
    let bytes = 0;
    let number = 0;
    for await (const some of readRows(job.format, this.store.bytes(job.id), job.mapping ?? noMapping)) {
      for (const row of some) {
        // The batch before this one waits for PostgreSQL, and others for their answers.
        if (++number % rowsATurn === 0) await turn();
        if (number <= job.read) continue;
        const takenBefore = refusedBefore !== undefined && !refusedBefore.has(number);
        batch.push({ ...row, number, takenBefore });
        bytes += row.original?.length ?? 0;
        if (batch.length < batchLimit.rows && bytes < batchLimit.bytes) continue;
        yield batch;
        batch = [];
        bytes = 0;
      }
    }
    if (batch.length > 0) yield batch;
  }

  private async apply(job: Import, batch: PreparedBatch): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await actingAs(`import:${job.id}`, () =>
          this.dataSource.transaction(async (manager) => {
            await account(manager, job.id, batch.rows, await applyBatch(manager, this.writer, job, batch));
          }),
        );
        this.relay.holdOff();
        return;
      } catch (error) {
        if (!(error instanceof BatchOvertakenError) || attempt === attempts) throw error;
      }
    }
  }
}

/** Whose row it seems to be: erasing that customer erases it. */
function accountNumberOf({ row }: NumberedRow): string | null {
  const number = row.success ? row.content.accountNumber : row.accountNumber;
  return number?.replaceAll('\0', '\uFFFD') ?? null;
}

/** Another worker has gone on with this import, because this one seemed lost: it goes on alone. */
class ImportTakenOverError extends Error {
  readonly code = 'IMPORT_TAKEN_OVER';
}

/**
 * Moves the import's position from where this batch began: two workers that both believe in the lock cannot skip rows.
 * @throws {ImportTakenOverError}
 */
async function account(
  manager: EntityManager,
  id: string,
  batch: readonly NumberedRow[],
  result: BatchResult,
): Promise<void> {
  const { added, changed, unchanged, refused } = result.counts;
  const [moved]: [unknown[], number] = await manager.query(
    `UPDATE import SET read = read + $2, added = added + $3, changed = changed + $4,
       unchanged = unchanged + $5, refused = refused + $6
     WHERE id = $1 AND status = 'running' AND read = $7 RETURNING id`,
    [id, batch.length, added, changed, unchanged, refused, (batch[0]?.number ?? 1) - 1],
  );
  if (moved.length === 0) throw new ImportTakenOverError('another worker goes on with this import');
  if (result.refusals.length > 0) await noteRefusals(manager, id, result.refusals);
}

async function noteRefusals(
  manager: EntityManager,
  id: string,
  refusals: BatchResult['refusals'],
): Promise<void> {
  const header = refusals[0]?.row.header;
  if (header !== undefined)
    await manager.query('UPDATE import SET header = $2 WHERE id = $1 AND header IS NULL', [id, header]);
  await manager.query(
    `INSERT INTO import_error (import_id, row_number, line, column_name, reason, original, account_number)
     SELECT $1, * FROM unnest($2::integer[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[])`,
    [
      id,
      refusals.map(({ row }) => row.number),
      refusals.map(({ row }) => row.line),
      refusals.map(({ refusal }) => refusal.column ?? null),
      refusals.map(({ refusal }) => refusal.reason),
      refusals.map(({ row }) => row.original?.replaceAll('\0', '\uFFFD') ?? null),
      refusals.map(({ row }) => accountNumberOf(row)),
    ],
  );
}
