/** From where a filter's key takes its value. */
export type FilterKey =
  | { from: 'attributes'; name: string }
  /** `path` below `data`; `personal` when it leads into `data.personal`, which must be opened first. */
  | { from: 'data' | 'personal'; path: readonly string[] };

/** Reads one CloudEvents attribute. */
export type AttributeReader = (name: string) => unknown;

/** What a filter looks at. */
export interface FilterableEvent {
  attribute: AttributeReader;
  /** Parsed, and opened if a key leads into `data.personal`. */
  data: unknown;
}

/** What Event Grid's own schema calls the attributes. */
const aliases: Readonly<Record<string, string>> = {
  eventid: 'id',
  eventtype: 'type',
  eventtime: 'time',
};

/** Names of attributes consist of letters and digits (CloudEvents 1.0 §3.1). */
const attributeName = /^[a-z0-9]+$/i;

/**
 * `type`, `subject`, … or an extension attribute, in any case, or `data` with members below it, such as
 * `data.personal.current.version`. A dot in a member's name cannot be escaped. Undefined when it is neither.
 */
export function filterKeyOf(key: string): FilterKey | undefined {
  const [head = '', ...path] = key.split('.');
  if (head.toLowerCase() === 'data') {
    if (path.includes('')) return undefined;
    return { from: path[0] === 'personal' ? 'personal' : 'data', path };
  }
  if (path.length > 0 || !attributeName.test(head)) return undefined;
  const name = head.toLowerCase();
  return { from: 'attributes', name: aliases[name] ?? name };
}

/** The value below `data`; undefined when a member is missing on the way. Arrays of objects are not looked into. */
export function valueBelow(data: unknown, path: readonly string[]): unknown {
  let value = data;
  for (const member of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    if (!Object.hasOwn(value, member)) return undefined;
    value = (value as Record<string, unknown>)[member];
  }
  return value;
}
