import { isUtf8 } from 'node:buffer';

/** A line of a file, counted from 1, without its line break; or why it cannot be read. */
export type Line = { line: number } & ({ text: string } | { problem: string });

export const maxLineBytes = 64 * 1024;

const lineFeed = 10;
const carriageReturn = 13;
const byteOrderMark = '\ufeff';

/**
 * Splits the pieces of a file into lines with bounded memory: a line over 64 KiB is told, not kept. Nothing waits here,
 * so that a line costs no promise.
 */
export class Lines {
  private line = 0;
  private held: Buffer[] = [];
  private heldBytes = 0;

  /** The lines that end in this piece. */
  *endingIn(piece: Buffer): Generator<Line> {
    let from = 0;
    for (let end = piece.indexOf(lineFeed); end !== -1; end = piece.indexOf(lineFeed, from)) {
      this.keep(piece.subarray(from, end));
      from = end + 1;
      yield this.finish();
    }
    this.keep(piece.subarray(from));
  }

  /** The last line, where no line break ends it. */
  *left(): Generator<Line> {
    if (this.heldBytes > 0) yield this.finish();
  }

  private keep(bytes: Buffer): void {
    this.heldBytes += bytes.length;
    if (this.heldBytes > maxLineBytes) this.held = [];
    else if (bytes.length > 0) this.held.push(bytes);
  }

  private finish(): Line {
    const line = ++this.line;
    const { held, heldBytes } = this;
    this.held = [];
    this.heldBytes = 0;
    if (heldBytes > maxLineBytes) return { line, problem: `is longer than ${maxLineBytes / 1024} KiB` };
    const [only] = held;
    return lineOf(held.length === 1 && only ? only : Buffer.concat(held, heldBytes), line);
  }
}

function lineOf(bytes: Buffer, line: number): Line {
  if (!isUtf8(bytes)) return { line, problem: 'is not UTF-8' };
  const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
  const text = bytes.toString('utf8', 0, end);
  return { line, text: line === 1 && text.startsWith(byteOrderMark) ? text.slice(1) : text };
}
