import { headerRefusal, type Row, rowOfJson, rowOfRecord } from '../domain/import-row.js';
import { csvRecords } from './csv-records.js';
import type { ImportFormat } from './import.entity.js';
import { linesOf } from './lines.js';

/** A row and where it stands: `line` counts from 1 and includes the header. */
export interface ReadRow {
  line: number;
  row: Row;
}

/** The file cannot be read at all; the message is for the person who sent it. */
export class UnreadableFileError extends Error {
  readonly code = 'UNREADABLE_FILE';
}

/** Rows in the order of the file, the same every time the same bytes are read. */
export function readRows(format: ImportFormat, bytes: AsyncIterable<Buffer>): AsyncGenerator<ReadRow> {
  return format === 'csv' ? readCsv(bytes) : readNdjson(bytes);
}

async function* readCsv(bytes: AsyncIterable<Buffer>): AsyncGenerator<ReadRow> {
  let header: string[] | undefined;
  for await (const record of csvRecords(linesOf(bytes))) {
    const { line } = record;
    if (header === undefined) {
      if ('problem' in record) throw new UnreadableFileError(`line ${line}: the header ${record.problem}`);
      header = record.cells.map((column) => column.trim());
      const refusal = headerRefusal(header);
      if (refusal)
        throw new UnreadableFileError(`line ${line}: the column "${refusal.column}" ${refusal.reason}`);
    } else if ('problem' in record) {
      yield { line, row: refused(record.problem, header[record.column ?? -1]) };
    } else {
      yield { line, row: rowOfRecord(header, record.cells) };
    }
  }
  if (header === undefined) throw new UnreadableFileError('the file is empty: line 1 must name the columns');
}

async function* readNdjson(bytes: AsyncIterable<Buffer>): AsyncGenerator<ReadRow> {
  for await (const line of linesOf(bytes)) {
    if ('problem' in line) yield { line: line.line, row: refused(line.problem) };
    else if (line.text.trim() !== '') yield { line: line.line, row: rowOfJson(line.text) };
  }
}

function refused(reason: string, column?: string): Row {
  return { success: false, refusal: { ...(column === undefined ? {} : { column }), reason } };
}
