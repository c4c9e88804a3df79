import { isUtf8 } from 'node:buffer';

/** A line of a file, counted from 1, without its line break; or why it cannot be read. */
export type Line = { line: number } & ({ text: string } | { problem: string });

export const maxLineBytes = 64 * 1024;

const lineFeed = 10;
const carriageReturn = 13;
const byteOrderMark = '\ufeff';

/** Splits bytes into lines with bounded memory: a line over 64 KiB is told, not kept. */
export async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let line = 0;
  let held: Buffer[] = [];
  let heldBytes = 0;
  const finish = (): Line => {
    line++;
    const whole = heldBytes > maxLineBytes ? undefined : Buffer.concat(held, heldBytes);
    held = [];
    heldBytes = 0;
    return whole === undefined
      ? { line, problem: `is longer than ${maxLineBytes / 1024} KiB` }
      : lineOf(whole, line);
  };
  for await (const chunk of bytes) {
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, from)) {
      keep(chunk.subarray(from, end));
      from = end + 1;
      yield finish();
    }
    keep(chunk.subarray(from));
  }
  if (heldBytes > 0) yield finish();

  function keep(piece: Buffer): void {
    heldBytes += piece.length;
    if (heldBytes <= maxLineBytes) held.push(piece);
    else held = [];
  }
}

function lineOf(bytes: Buffer, line: number): Line {
  if (!isUtf8(bytes)) return { line, problem: 'is not UTF-8' };
  const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
  const text = bytes.toString('utf8', 0, end);
  return { line, text: line === 1 && text.startsWith(byteOrderMark) ? text.slice(1) : text };
}
