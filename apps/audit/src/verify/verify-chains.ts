import { type BadEntry, ChainVerifier } from '../domain/chain-verifier.js';
import { entryColumns, entryOf, type EntryRow } from '../entries/entry-row.js';
import type { Publication } from '../publish/publish-heads.js';
import type { Sql } from '../sql.js';
import { PublishedTrail } from './published-trail.js';
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
 * Recomputes every chain from its first entry to where it ended when this began, and compares it with what was published;
 * appending goes on meanwhile. Memory does not grow with the audit.
 */
export async function verifyChains(sql: Sql, publication?: Publication): Promise<Verification> {
  const trails = publication ? await PublishedTrail.all(publication, sql) : new Map<number, PublishedTrail>();
  let entries = 0;
  try {
    for (const head of await readHeads(sql, [...trails.keys()])) {
      const trail = trails.get(head.partitionId);
      const chain = await verifyChain(sql, head, trail);
      entries += chain.entries;
      if (chain.firstBad) return { valid: false, entries, firstBad: chain.firstBad };
    }
    return { valid: true, entries };
  } finally {
    for (const trail of trails.values()) await trail.close();
  }
}

async function verifyChain(
  sql: Sql,
  head: StoredHead,
  trail: PublishedTrail | undefined,
): Promise<{ entries: number; firstBad: BadEntry | undefined }> {
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
      const firstBad = verifier.next(entry) ?? (await trail?.next(entry));
      if (firstBad) return { entries: verifier.entries, firstBad };
      from = entry.position;
    }
    if (rows.length < batch) {
      const firstBad = verifier.end() ?? (await trail?.end(verifier.position));
      return { entries: verifier.entries, firstBad };
    }
  }
}
