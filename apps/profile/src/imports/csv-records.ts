import type { Line } from './lines.js';

/** A record, the line it begins on, and how it stood there; or why that line cannot be read as one. */
export type CsvRecord = { line: number; text?: string } & (
  { cells: string[] } | { problem: string; column?: number }
);

/** A quoted cell may run over this many lines; a quote that is never closed costs its own line only. */
const maxLinesARecord = 50;

/**
 * Records of RFC 4180 (§2: comma, or another delimiter, quote doubled inside quotes, line breaks inside quotes). Where a record is broken, its
 * first line is told and reading goes on with the next line, so that one stray quote never swallows the rows behind
 * it; general CSV parsers give up there, or take the rest of the file for one cell.
 */
export class CsvRecords {
  private readonly waiting: Line[] = [];
  private width: number | undefined;

  constructor(private readonly delimiter = ',') {}

  /** The records that these lines complete. */
  *in(lines: Iterable<Line>): Generator<CsvRecord> {
    for (const line of lines) {
      this.waiting.push(line);
      yield* this.ready({ moreToCome: true });
    }
  }

  /** The records of the lines that are left at the end of the file. */
  *left(): Generator<CsvRecord> {
    yield* this.ready({ moreToCome: false });
  }

  /** A record with a quote may need lines that are still to come: it waits for as many as it may have. */
  private *ready({ moreToCome }: { moreToCome: boolean }): Generator<CsvRecord> {
    const { waiting, delimiter } = this;
    for (let first = waiting[0]; first; first = waiting[0]) {
      if (moreToCome && hasQuote(first) && waiting.length < maxLinesARecord) return;
      const record = recordFrom(first, waiting, { width: this.width, delimiter });
      waiting.splice(0, record.lines);
      if ('empty' in record) continue;
      if ('cells' in record) this.width ??= record.cells.length;
      const { lines: _lines, ...rest } = record;
      yield { ...rest, line: first.line };
    }
  }
}

const hasQuote = (line: Line): boolean => 'text' in line && line.text.includes('"');

type Attempt = { lines: number; text?: string } & (
  { cells: string[] } | { problem: string; column?: number } | { empty: true }
);

/** @param from the lines from `first` on */
function recordFrom(
  first: Line,
  from: readonly Line[],
  { width, delimiter }: { width: number | undefined; delimiter: string },
): Attempt {
  if ('problem' in first) return { lines: 1, problem: first.problem };
  if (first.text.trim() === '') return { lines: 1, empty: true };
  if (!first.text.includes('"')) return { lines: 1, text: first.text, cells: first.text.split(delimiter) };
  let { text } = first;
  for (let lines = 1; ; lines++) {
    const cells = cellsOf(text, delimiter);
    // A stray quote can find a partner rows later: the wrong number of cells gives it away.
    if (Array.isArray(cells) && (lines === 1 || cells.length === (width ?? cells.length)))
      return { lines, text, cells };
    if (!Array.isArray(cells) && cells.problem === 'misplaced' && lines === 1) {
      return { lines: 1, text, problem: 'has a quote in the wrong place', column: cells.column };
    }
    const open = !Array.isArray(cells) && cells.problem === 'open';
    const next = open && lines < maxLinesARecord ? from[lines] : undefined;
    if (!next || 'problem' in next) {
      const column = firstOpenColumn(first.text, delimiter);
      return { lines: 1, text: first.text, problem: 'has a quote that is not closed', column };
    }
    text += `\n${next.text}`;
  }
}

function firstOpenColumn(text: string, delimiter: string): number {
  const cells = cellsOf(text, delimiter);
  return Array.isArray(cells) ? 0 : cells.column;
}

/** The cells of one record, or which cell (from 0) is broken and how. */
function cellsOf(
  text: string,
  delimiter: string,
): string[] | { problem: 'open' | 'misplaced'; column: number } {
  const cells: string[] = [];
  for (let at = 0; ;) {
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      if (end === -1) return { problem: 'open', column: cells.length };
      cells.push(text.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
      if (at < text.length && text[at] !== delimiter)
        return { problem: 'misplaced', column: cells.length - 1 };
    } else {
      const next = text.indexOf(delimiter, at);
      const cell = text.slice(at, next === -1 ? text.length : next);
      if (cell.includes('"')) return { problem: 'misplaced', column: cells.length };
      cells.push(cell);
      at += cell.length;
    }
    if (at >= text.length) return cells;
    at++;
  }
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}
