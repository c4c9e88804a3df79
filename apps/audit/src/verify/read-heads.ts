import type { ChainHead } from '../domain/audit-entry.js';
import { genesisHash } from '../domain/chain.js';
import type { Sql } from '../sql.js';

/** A head, and the highest position that entries have: the same unless somebody else wrote. */
export interface StoredHead extends ChainHead {
  highest: bigint;
}

/** How far each chain has been published, as the database says. */
export async function readPublished(sql: Sql): Promise<Map<number, bigint>> {
  const rows = await sql.query<{ partition_id: number; published: string }[]>(
    'SELECT partition_id, published FROM audit_chain WHERE published > 0',
  );
  return new Map(rows.map((row) => [row.partition_id, BigInt(row.published)]));
}

/** Every chain of which there is a head or an entry, and those asked for besides, in one snapshot. */
export async function readHeads(sql: Sql, besides: readonly number[]): Promise<StoredHead[]> {
  const rows = await sql.query<
    { partition_id: number; position: string | null; hash: Buffer | null; highest: string }[]
  >(
    `SELECT partition_id, head.position, head.hash, coalesce(written.highest, 0) AS highest
       FROM audit_chain AS head
       FULL JOIN (SELECT partition_id, max(position) AS highest FROM audit_entry GROUP BY 1) AS written
         USING (partition_id)
       FULL JOIN unnest($1::smallint[]) AS besides (partition_id) USING (partition_id)
      ORDER BY partition_id`,
    [besides],
  );
  return rows.map((row) => ({
    partitionId: row.partition_id,
    position: BigInt(row.position ?? 0),
    hash: row.hash ?? genesisHash,
    highest: BigInt(row.highest),
  }));
}
