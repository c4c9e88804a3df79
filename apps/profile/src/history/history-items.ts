import type { EntityManager } from 'typeorm';
import { type ChangedValues, openHistory } from './open-history.js';
import type { HistoryRow } from './read-history.sql.js';

/** Who changed what when; of a merge also with whom, and for who may see them the values before and after. */
export type HistoryItem = {
  version: number;
  eventId: string;
  type: string;
  at: string;
  /** The caller's subject, or `import:` and the import's id. */
  by: string;
  changed: string[];
  role?: string;
  mergeId?: string;
  survivorId?: string;
  duplicateId?: string;
} & Partial<ChangedValues>;

export async function historyItems(
  manager: EntityManager,
  rows: readonly HistoryRow[],
  { withValues }: { withValues: boolean },
): Promise<HistoryItem[]> {
  const values = withValues ? await openHistory(manager, rows) : [];
  return rows.map((row, index) => itemOf(row, values[index]));
}

function itemOf({ at, actor, data, ...row }: HistoryRow, values: ChangedValues | undefined): HistoryItem {
  const { personal: _sealed, changed: _changed, ...merge } = data ?? {};
  return {
    version: row.version,
    eventId: row.eventId,
    type: row.type,
    at: at.toISOString(),
    by: actor,
    changed: row.changed,
    ...merge,
    ...(row.changed.length > 0 ? values : {}),
  };
}
