/** The beginning of the line that holds this place. */
export const lineStart = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1;

/** Behind the end of the line that holds this place. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

/** Puts whole lines before the line that holds this place. */
export function insertLines(text: string, offset: number, lines: string): string {
  const at = lineStart(text, offset);
  return text.slice(0, at) + lines + text.slice(at);
}

/** Takes away the whole lines from one place to another. */
export function removeLines(text: string, from: number, to: number): string {
  return text.slice(0, lineStart(text, from)) + text.slice(lineEnd(text, to));
}

/** Whether nothing but blanks and commas shares the lines of this part: then they can be taken away. */
export function ownsItsLines(text: string, from: number, to: number): boolean {
  const around = text.slice(lineStart(text, from), from) + text.slice(to, lineEnd(text, to));
  return /^[\s,]*$/.test(around);
}
