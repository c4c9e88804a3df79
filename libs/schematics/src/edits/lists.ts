import { RefusedError } from '../refused.error.js';
import { insertLines, removeLines } from './lines.js';

/** `.env.example`: one variable a line, the console's the last of the services'. */
export function addPortLine(
  text: string,
  { name, portVariable, port }: { name: string; portVariable: string; port: number },
) {
  const place = text.search(/^CONSOLE_PORT=/m);
  if (place < 0) throw new RefusedError('.env.example has no CONSOLE_PORT to put the port beside');
  return insertLines(text, place, `${portVariable}=${port} # ${name}\n`);
}

export function removePortLine(text: string, portVariable: string): string {
  const place = text.search(new RegExp(`^${portVariable}=`, 'm'));
  return place < 0 ? text : removeLines(text, place, place);
}

const heading = '## The consumers here\n';

/** docs/consumers.md: one line a consumer, the new one last. */
export function addDocLine(text: string, line: string): string {
  const start = text.indexOf(heading);
  if (start < 0) throw new RefusedError(`docs/consumers.md has no "${heading.trim()}"`);
  const list = /^- .*\n(?!- )/m.exec(text.slice(start));
  const end = start + (list ? list.index + list[0].length : heading.length);
  return `${text.slice(0, end)}${line}\n${text.slice(end)}`;
}

export function removeDocLine(text: string, name: string): string {
  const place = text.indexOf(`- \`apps/${name}\``);
  return place < 0 ? text : removeLines(text, place, place);
}
