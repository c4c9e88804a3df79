import type { DataSource } from 'typeorm';
import { reportColumns } from '../domain/import-mapping.js';
import type { Import } from './import.entity.js';

const rowsAtOnce = 500;

interface RefusedRow {
  row_number: number;
  line: number;
  column_name: string | null;
  reason: string;
  original: string | null;
}

/**
 * The refused rows of an import as a file that is corrected and imported again: a CSV has line, column and reason in front
 * of what stood there; NDJSON has the lines as they stood. What was too long, no text, erased or is too old is left out of
 * the latter, and empty in the former.
 */
export async function* refusedRows(dataSource: DataSource, job: Import): AsyncGenerator<string> {
  const delimiter = job.mapping?.delimiter ?? ',';
  if (job.format === 'csv') yield `${[...reportColumns, job.header ?? ''].join(delimiter)}\n`;
  for (let after = 0; ;) {
    const rows = await dataSource.query<RefusedRow[]>(
      `SELECT row_number, line, column_name, reason, original FROM import_error
        WHERE import_id = $1 AND row_number > $2 ORDER BY row_number LIMIT $3`,
      [job.id, after, rowsAtOnce],
    );
    const text = rows
      .map((row) => (job.format === 'csv' ? csvLine(row, delimiter) : ndjsonLine(row)))
      .join('');
    if (text !== '') yield text;
    const last = rows.at(-1);
    if (!last || rows.length < rowsAtOnce) return;
    after = last.row_number;
  }
}

const csvLine = ({ line, column_name: column, reason, original }: RefusedRow, delimiter: string): string =>
  `${[String(line), quoted(column ?? ''), quoted(reason), original ?? ''].join(delimiter)}\n`;

const ndjsonLine = ({ original }: RefusedRow): string => (original === null ? '' : `${original}\n`);

/** RFC 4180 §2.5 to 2.7. */
const quoted = (cell: string): string =>
  /[",;|\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
