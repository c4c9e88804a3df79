import { HeaderRefusedError, headerOf, type ImportMapping, noMapping } from '../domain/import-mapping.js';
import type { ImportHeader } from '../domain/import-columns.js';
import { type Row, rowOfJson, rowOfRecord } from '../domain/import-row.js';
import { type CsvRecord, CsvRecords } from './csv-records.js';
import type { ImportFormat } from './import.entity.js';
import { type Line, Lines } from './lines.js';

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

/** Makes rows of the pieces of a file, in order: the same rows every time, however the bytes are cut. */
interface RowReader {
  /** The rows that this piece completes. */
  in(piece: Buffer): Iterable<ReadRow>;
  /** Those that the end of the file completes. */
  left(): Iterable<ReadRow>;
}

/** Rows in the order of the file, the same every time the same bytes are read: so many at once as a piece completes. */
export async function* readRows(
  format: ImportFormat,
  bytes: AsyncIterable<Buffer>,
  mapping: ImportMapping = noMapping,
): AsyncGenerator<Iterable<ReadRow>> {
  const reader = format === 'csv' ? new CsvRows(mapping) : new NdjsonRows();
  for await (const piece of bytes) yield reader.in(piece);
  yield reader.left();
}

class CsvRows implements RowReader {
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

class NdjsonRows implements RowReader {
  private readonly lines = new Lines();

  in(piece: Buffer): Generator<ReadRow> {
    return this.rows(this.lines.endingIn(piece));
  }

  left(): Generator<ReadRow> {
    return this.rows(this.lines.left());
  }

  private *rows(lines: Iterable<Line>): Generator<ReadRow> {
    for (const line of lines) {
      if ('problem' in line) yield { line: line.line, row: refused(line.problem) };
      else if (line.text.trim() !== '')
        yield { line: line.line, row: rowOfJson(line.text), original: line.text };
    }
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
