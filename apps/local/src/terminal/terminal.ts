import type { Writable } from 'node:stream';
import { colourOf, colours } from './colours.js';
import { type Severity, readLogLine } from './log-line.js';

/** The launcher's own name in front of its own lines. */
const self = 'local';

/** Where everything that is said ends up: one line each, the name of who said it in front, names aligned. */
export class Terminal {
  private readonly width: number;
  private readonly paint: ReturnType<typeof colours>;

  constructor(
    private readonly names: readonly string[],
    private readonly out: Writable & { isTTY?: boolean },
    env: NodeJS.ProcessEnv,
  ) {
    this.width = Math.max(self.length, ...names.map((name) => name.length));
    this.paint = colours(out, env);
  }

  /** A line that a part printed. */
  line(part: string, raw: string): void {
    if (raw.trim() === '') return;
    const { severity, text, more } = readLogLine(raw);
    this.write(part, `${this.tag(severity)}${text}`);
    for (const line of more) this.write(part, this.paint('dim', `  ${line}`));
  }

  /** Something the launcher says. */
  say(text: string, severity: Severity = 'info'): void {
    for (const line of text.split('\n')) this.write(self, `${this.tag(severity)}${line}`);
  }

  /** Text without a name in front, for what is to be copied. */
  block(text: string): void {
    this.out.write(`${text}\n`);
  }

  private write(name: string, text: string): void {
    const style = name === self ? 'bold' : colourOf(this.names.indexOf(name));
    this.out.write(`${this.paint(style, name.padEnd(this.width))} ${this.paint('dim', '│')} ${text}\n`);
  }

  private tag(severity: Severity): string {
    if (severity === 'info') return '';
    return severity === 'warn' ? `${this.paint('yellow', 'WARN')} ` : `${this.paint('red', 'ERROR')} `;
  }
}
