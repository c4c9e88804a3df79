import { readFileSync } from 'node:fs';
import type { EventOf } from '@app/contracts';

/** Events that somebody recorded, opened: a file with one a line, as `JSON.stringify(event)` in a handler writes it. */
export function readEvents(file: string): EventOf[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [parse(line, `${file}:${index + 1}`)]));
}

function parse(line: string, where: string): EventOf {
  try {
    const event = JSON.parse(line) as EventOf;
    if (typeof event.type === 'string' && typeof event.id === 'string' && event.data) return event;
  } catch (cause) {
    throw new Error(`${where} is not JSON`, { cause });
  }
  throw new Error(`${where} is no event: id, type and data are needed`);
}
