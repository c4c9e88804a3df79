import type { ImportHeader } from '../domain/import-columns.js';
import { HeaderRefusedError, headerOf, type ImportMapping } from '../domain/import-mapping.js';
import { type Row, rowOfRecord } from '../domain/import-row.js';
import { type CsvRecord, CsvRecords } from './csv-records.js';
import { Lines } from './lines.js';
import { type ReadRow, refused, type RowReader, UnreadableFileError } from './row-reader.js';

export class CsvRows implements RowReader {
  private readonly lines = new Lines();
  private readonly records: CsvRecords;
  private header: ReadHeader | undefined;

  constructor(private readonly mapping: ImportMapping) {
    this.records = new CsvRecords(mapping.delimiter);
  }

  in(piece: Buffer): Generator<ReadRow> {
    return this.rows(this.records.in(this.lines.endingIn(piece)));
  }

  *left(): Generator<ReadRow> {
    yield* this.rows(this.records.in(this.lines.left()));
    yield* this.rows(this.records.left());
    if (!this.header) throw new UnreadableFileError('the file is empty: line 1 must name the columns');
  }

  private *rows(records: Iterable<CsvRecord>): Generator<ReadRow> {
    for (const record of records) {
      if (this.header) yield rowOf(record, this.header);
      else this.header = headerIn(record, this.mapping);
    }
  }
}

interface ReadHeader {
  columns: ImportHeader;
  /** The file's own names. */
  names: readonly string[];
  text: string | undefined;
}

function headerIn(record: CsvRecord, mapping: ImportMapping): ReadHeader {
  if ('problem' in record) throw new UnreadableFileError(`line ${record.line}: the header ${record.problem}`);
  const names = record.cells.map((column) => column.trim());
  return { columns: understood(names, mapping, record.line), names, text: record.text };
}

function rowOf(record: CsvRecord, { columns, names, text }: ReadHeader): ReadRow {
  const row =
    'problem' in record
      ? refused(record.problem, names[record.column ?? -1])
      : inTheFilesNames(rowOfRecord(columns, record.cells), columns);
  const read: ReadRow = { line: record.line, row };
  if (record.text !== undefined) read.original = record.text;
  if (text !== undefined) read.header = text;
  return read;
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
