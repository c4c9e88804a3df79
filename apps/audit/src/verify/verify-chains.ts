import { type BadEntry, ChainVerifier } from '../domain/chain-verifier.js';
import { entryColumns, entryOf, type EntryRow } from '../entries/entry-row.js';
import type { Sql } from '../sql.js';
import { readHeads, type StoredHead } from './read-heads.js';

export interface Verification {
  valid: boolean;
  /** Entries found to be what was written. */
  entries: number;
  /** The first bad entry of the first chain that has one. */
  firstBad?: BadEntry;
}

/** Entries in memory at a time. */
const batch = 1_000;

/**
 * Recomputes every chain from its first entry to where it ended when this began; appending goes on meanwhile.
 * Memory does not grow with the audit.
 */
export async function verifyChains(sql: Sql): Promise<Verification> {
  let entries = 0;
  for (const head of await readHeads(sql)) {
    const { verifier, firstBad } = await verifyChain(sql, head);
    entries += verifier.entries;
    if (firstBad) return { valid: false, entries, firstBad };
  }
  return { valid: true, entries };
}

async function verifyChain(
  sql: Sql,
  head: StoredHead,
): Promise<{ verifier: ChainVerifier; firstBad: BadEntry | undefined }> {
  const verifier = new ChainVerifier(head);
  // Below every position: an entry smuggled in before the first is read too.
  let from = -(2n ** 63n);
  for (;;) {
    const rows = await sql.query<EntryRow[]>(
      `SELECT ${entryColumns} FROM audit_entry
        WHERE partition_id = $1 AND position > $2 AND position <= $3 ORDER BY position LIMIT $4`,
      [head.partitionId, from, head.highest, batch],
    );
    for (const row of rows) {
      const entry = entryOf(row);
      const firstBad = verifier.next(entry);
      if (firstBad) return { verifier, firstBad };
      from = entry.position;
    }
    if (rows.length < batch) return { verifier, firstBad: verifier.end() };
  }
}
