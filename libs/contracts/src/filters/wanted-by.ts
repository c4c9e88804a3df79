import type { AdvancedFilterInput } from './event-filter.js';

/** What a test asks `anEvent` for. */
export interface Wanted {
  version: number;
  changed?: string[];
  current: Record<string, unknown>;
}

/**
 * What an event must have so that the filters let it through, as far as they can be read backwards: so that the tests pass
 * as they are. The rest is known to the person who wrote the filter.
 */
export function wantedBy(filters: readonly AdvancedFilterInput[]): Wanted {
  const wanted: Wanted = { version: 1, current: {} };
  for (const filter of filters) {
    const value = passing(filter);
    if (value === undefined) continue;
    const path = /^data\.personal\.current\.(.+)$/.exec(filter.key)?.[1];
    if (path !== undefined) put(wanted.current, path.split('.'), value);
    else if (filter.key === 'data.changed')
      wanted.changed = [...(wanted.changed ?? []), JSON.stringify(value).replaceAll('"', '')];
    else if (filter.key === 'customerversion') wanted.version = Number(value);
  }
  const addresses = (wanted.current['addresses'] ?? {}) as Record<string, object>;
  for (const [kind, address] of Object.entries(addresses))
    addresses[kind] = { line1: '1 First Street', city: 'Lyon', country: 'FR', ...address };
  return wanted;
}

/** A value that the operator takes; undefined where it takes what is not there, or anything else. */
function passing({ operatorType, value, values = [] }: AdvancedFilterInput): unknown {
  const [first] = [value ?? values[0]].flat();
  if (operatorType === 'IsNotNull') return 'x';
  if (/Not|IsNull/.test(operatorType)) return undefined;
  if (operatorType === 'NumberGreaterThan') return Number(first) + 1;
  return operatorType === 'NumberLessThan' ? Number(first) - 1 : first;
}

function put(target: Record<string, unknown>, [head = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) target[head] = value;
  else put((target[head] ??= {}) as Record<string, unknown>, rest, value);
}
