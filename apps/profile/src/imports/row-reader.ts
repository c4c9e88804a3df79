import type { Row } from '../domain/import-row.js';

/** A row and where it stands: `line` counts from 1 and includes the header. */
export interface ReadRow {
  line: number;
  row: Row;
  /** As it was read, and the header it stood under; nothing of a line that was too long, or no text. */
  original?: string;
  header?: string;
}

/** The file cannot be read at all; the message is for the person who sent it. */
export class UnreadableFileError extends Error {
  readonly code = 'UNREADABLE_FILE';
}

/** Makes rows of the pieces of a file, in order: the same rows every time, however the bytes are cut. */
export interface RowReader {
  /** The rows that this piece completes. */
  in(piece: Buffer): Iterable<ReadRow>;
  /** Those that the end of the file completes. */
  left(): Iterable<ReadRow>;
}

export function refused(reason: string, column?: string): Row {
  return { success: false, refusal: { ...(column === undefined ? {} : { column }), reason } };
}
