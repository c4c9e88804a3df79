import { HeaderRefusedError, headerOf, type ImportMapping, noMapping } from '../domain/import-mapping.js';
import type { ImportHeader } from '../domain/import-columns.js';
import { type Row, rowOfJson, rowOfRecord } from '../domain/import-row.js';
import { csvRecords } from './csv-records.js';
import type { ImportFormat } from './import.entity.js';
import { linesOf } from './lines.js';

/** A row and where it stands: `line` counts from 1 and includes the header. */
export interface ReadRow {
  line: number;
  row: Row;
  /** As it was read, and the header it stood under; nothing of a line that was too long, or no text. */
  original?: string;
  header?: string;
}

/** A row with its number in the file, from 1, the header aside. */
export interface NumberedRow extends ReadRow {
  number: number;
  /** An earlier import of the same bytes took it: it says nothing new. */
  takenBefore?: boolean;
}

/** The file cannot be read at all; the message is for the person who sent it. */
export class UnreadableFileError extends Error {
  readonly code = 'UNREADABLE_FILE';
}

/** Rows in the order of the file, the same every time the same bytes are read. */
export function readRows(
  format: ImportFormat,
  bytes: AsyncIterable<Buffer>,
  mapping: ImportMapping = noMapping,
): AsyncGenerator<ReadRow> {
  return format === 'csv' ? readCsv(bytes, mapping) : readNdjson(bytes);
}

async function* readCsv(bytes: AsyncIterable<Buffer>, mapping: ImportMapping): AsyncGenerator<ReadRow> {
  let header: ImportHeader | undefined;
  let names: string[] = [];
  let headerText: string | undefined;
  for await (const record of csvRecords(linesOf(bytes), mapping.delimiter)) {
    const { line } = record;
    if (header === undefined) {
      if ('problem' in record) throw new UnreadableFileError(`line ${line}: the header ${record.problem}`);
      names = record.cells.map((column) => column.trim());
      header = understood(names, mapping, line);
      headerText = record.text;
      continue;
    }
    const row =
      'problem' in record
        ? refused(record.problem, names[record.column ?? -1])
        : inTheFilesNames(rowOfRecord(header, record.cells), header);
    const original = record.text === undefined ? {} : { original: record.text };
    yield { line, row, ...original, ...(headerText !== undefined && { header: headerText }) };
  }
  if (header === undefined) throw new UnreadableFileError('the file is empty: line 1 must name the columns');
}

async function* readNdjson(bytes: AsyncIterable<Buffer>): AsyncGenerator<ReadRow> {
  for await (const line of linesOf(bytes)) {
    if ('problem' in line) yield { line: line.line, row: refused(line.problem) };
    else if (line.text.trim() !== '')
      yield { line: line.line, row: rowOfJson(line.text), original: line.text };
  }
}

function understood(names: readonly string[], mapping: ImportMapping, line: number): ImportHeader {
  try {
    return headerOf(names, mapping);
  } catch (error) {
    if (!(error instanceof HeaderRefusedError)) throw error;
    throw new UnreadableFileError(`line ${line}: ${error.message}`);
  }
}

function inTheFilesNames(row: Row, { nameOf }: ImportHeader): Row {
  if (row.success || row.refusal.column === undefined) return row;
  return { ...row, refusal: { ...row.refusal, column: nameOf(row.refusal.column) } };
}

function refused(reason: string, column?: string): Row {
  return { success: false, refusal: { ...(column === undefined ? {} : { column }), reason } };
}
