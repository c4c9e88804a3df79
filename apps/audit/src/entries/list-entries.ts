import type { ChainedEntry } from '../domain/audit-entry.js';
import type { Sql } from '../sql.js';
import { entryColumns, entryOf, type EntryRow } from './entry-row.js';

/** A place in the order of the list: chain by chain, each from its first entry. */
export interface EntryPlace {
  partitionId: number;
  position: bigint;
}

/** Entries after a place, of one customer or of all. A customer's entries lie on one chain: its story in order. */
export async function listEntries(
  sql: Sql,
  {
    customerId,
    after,
    limit,
  }: { customerId: string | undefined; after: EntryPlace | undefined; limit: number },
): Promise<ChainedEntry[]> {
  const rows = await sql.query<EntryRow[]>(
    `SELECT ${entryColumns} FROM audit_entry
      WHERE (partition_id, position) > ($1::smallint, $2::bigint) ${customerId ? 'AND subject = $4' : ''}
      ORDER BY partition_id, position LIMIT $3`,
    [after?.partitionId ?? -1, after?.position ?? 0n, limit, ...(customerId ? [customerId] : [])],
  );
  return rows.map(entryOf);
}
