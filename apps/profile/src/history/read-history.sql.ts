import type { SealedData } from '@app/contracts';
import type { EntityManager } from 'typeorm';

/** One fact about a customer, as it was recorded. */
export interface HistoryRow {
  version: number;
  eventId: string;
  type: string;
  at: Date;
  actor: string;
  changed: string[];
  /** The event's; null of CustomerAdded. */
  data: SealedData | null;
}

/** Oldest first: new ones come at the end, so that a cursor never skips or repeats. */
export async function readHistory(
  manager: EntityManager,
  customerId: string,
  { after, limit }: { after: number; limit: number },
): Promise<HistoryRow[]> {
  return manager.query<HistoryRow[]>(
    `SELECT version, event_id AS "eventId", type, at, actor, changed, data FROM customer_history
      WHERE customer_id = $1 AND version > $2 ORDER BY version LIMIT $3`,
    [customerId, after, limit],
  );
}

/** Whether there is such a customer, merged duplicates included: their history stays theirs. */
export async function isThere(manager: EntityManager, customerId: string): Promise<boolean> {
  const rows = await manager.query<unknown[]>('SELECT FROM customer WHERE id = $1', [customerId]);
  return rows.length > 0;
}

/** The keys of those who have one still. */
export async function readKeys(
  manager: EntityManager,
  customerIds: readonly string[],
): Promise<Map<string, Buffer>> {
  const rows = await manager.query<{ id: string; key: Buffer }[]>(
    'SELECT customer_id AS id, key FROM personal_data_key WHERE customer_id = ANY ($1) AND key IS NOT NULL',
    [customerIds],
  );
  return new Map(rows.map(({ id, key }) => [id, key]));
}
