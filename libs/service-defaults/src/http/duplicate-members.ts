import { pointer } from './problem.js';

const quote = 0x22;
const backslash = 0x5c;

/** An object or array that is open where the reader is. */
interface Open {
  /** Names seen so far; an array has none. */
  names?: Set<string>;
  /** The member, or the item, that the reader is in. */
  at: string | number;
}

/**
 * Where a JSON text names a member twice, as a JSON pointer: readers differ in which one counts (RFC 8259 §4), so that what
 * one of them checked another may not see. `JSON.parse` takes the last and says nothing.
 * @param json a text that `JSON.parse` takes
 */
export function duplicateMember(json: string): string | undefined {
  const open: Open[] = [];
  let nameIsNext = false;
  for (let at = 0; at < json.length; at++) {
    const within = open.at(-1);
    switch (json[at]) {
      case '"': {
        const end = endOfString(json, at);
        if (nameIsNext && within?.names) {
          within.at = JSON.parse(json.slice(at, end + 1)) as string;
          if (within.names.has(within.at)) return pointer(open.map((one) => one.at));
          within.names.add(within.at);
          nameIsNext = false;
        }
        at = end;
        break;
      }
      case '{':
        open.push({ names: new Set(), at: '' });
        nameIsNext = true;
        break;
      case '[':
        open.push({ at: 0 });
        nameIsNext = false;
        break;
      case '}':
      case ']':
        open.pop();
        nameIsNext = false;
        break;
      case ',':
        if (typeof within?.at === 'number') within.at++;
        nameIsNext = within?.names !== undefined;
        break;
    }
  }
  return undefined;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  for (let code = json.charCodeAt(at); code !== quote && at < json.length; code = json.charCodeAt(at)) {
    at += code === backslash ? 2 : 1;
  }
  return at;
}
