import {
  atPaths,
  type Customer,
  kidOf,
  lendersOf,
  open,
  type Personal,
  valuesOf,
  withLent,
} from '@app/contracts';
import type { EntityManager } from 'typeorm';
import { type HistoryRow, readKeys } from './read-history.sql.js';

/** The values of what changed, before and after. */
export interface ChangedValues {
  previous: Partial<Customer>;
  current: Partial<Customer>;
}

/** Opens the entries that have values, in their order; what was lent by somebody who has been erased is left out. */
export async function openHistory(
  manager: EntityManager,
  rows: readonly HistoryRow[],
): Promise<(ChangedValues | undefined)[]> {
  const owners = new Set(rows.flatMap(({ data }) => (data ? kidOf(data.personal) : [])));
  const keys = await readKeys(manager, [...owners]);
  const opened = rows.map(({ data }) => {
    const key = data && keys.get(kidOf(data.personal));
    return key ? open(data.personal, key) : undefined;
  });
  const lenders = new Set(opened.flatMap(lendersOf));
  const lent = lenders.size === 0 ? keys : await readKeys(manager, [...lenders]);
  return opened.map((personal, index) => {
    if (personal === undefined) return undefined;
    const { current, previous } = withLent(personal, (kid) => lent.get(kid)) as Personal;
    const changed = rows[index]?.changed ?? [];
    return { previous: changedPart(previous, changed), current: changedPart(current, changed) };
  });
}

/** `changed` names one value (`addresses.home`) or a whole group (`preferences`). */
function changedPart(customer: Partial<Customer>, changed: readonly string[]): Partial<Customer> {
  const named = ([path]: [string, unknown]): boolean =>
    changed.some((one) => path === one || path.startsWith(`${one}.`));
  return atPaths(new Map([...valuesOf(customer)].filter(named)));
}
