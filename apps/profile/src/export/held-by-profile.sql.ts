import type { Customer } from '@app/contracts';
import type { EntityManager } from 'typeorm';
import { customerColumns, customerOf, type CustomerRow } from '../customers/customer-row.js';
import { mergedInto } from '../merges/merge-tree.sql.js';

/** Everybody who lives on in a customer, by id. */
export async function findMergedCustomers(
  manager: EntityManager,
  survivorId: string,
): Promise<{ customer: Customer; mergedInto: string }[]> {
  const rows = await manager.query<(CustomerRow & { merged_into: string })[]>(
    `SELECT ${customerColumns}, c.merged_into FROM customer c WHERE c.id = ANY ($1) ORDER BY c.id`,
    [await mergedInto(manager, survivorId)],
  );
  return rows.map((row) => ({ customer: customerOf(row), mergedInto: row.merged_into }));
}

/** A row of a file that was not taken, and seems to be about the customer. */
export interface RefusedRow {
  importId: string;
  importedAt: string;
  line: number;
  column?: string;
  reason: string;
  /** As it stood in the file. */
  original?: string;
}

interface Row {
  import_id: string;
  created_at: Date;
  line: number;
  column_name: string | null;
  reason: string;
  original: string | null;
}

export async function findRefusedRows(
  manager: EntityManager,
  accountNumbers: readonly string[],
  limit: number,
): Promise<RefusedRow[]> {
  const rows = await manager.query<Row[]>(
    `SELECT e.import_id, i.created_at, e.line, e.column_name, e.reason, e.original
       FROM import_error e JOIN import i ON i.id = e.import_id
      WHERE e.account_number = ANY ($1) ORDER BY e.import_id, e.row_number LIMIT $2`,
    [accountNumbers, limit],
  );
  return rows.map(refusedRowOf);
}

function refusedRowOf(row: Row): RefusedRow {
  return {
    importId: row.import_id,
    importedAt: row.created_at.toISOString(),
    line: row.line,
    ...(row.column_name === null ? {} : { column: row.column_name }),
    reason: row.reason,
    ...(row.original === null ? {} : { original: row.original }),
  };
}
