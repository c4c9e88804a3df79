import { type ImportMapping, noMapping } from '../domain/import-mapping.js';
import { rowOfJson } from '../domain/import-row.js';
import { CsvRows } from './csv-rows.js';
import type { ImportFormat } from './import.entity.js';
import { type Line, Lines } from './lines.js';
import { type ReadRow, refused, type RowReader } from './row-reader.js';

/** A row with its number in the file, from 1, the header aside. */
export interface NumberedRow extends ReadRow {
  number: number;
  /** An earlier import of the same bytes took it: it says nothing new. */
  takenBefore?: boolean;
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
