import type { ChainedEntry, ChainHead } from './audit-entry.js';
import { genesisHash, hashOf } from './chain.js';

/** The first place where a chain is not what was written. */
export interface BadEntry {
  partitionId: number;
  position: number;
  /** Absent where the entry is missing. */
  eventId?: string;
  reason:
    | 'missing'
    | 'unexpected'
    | 'not linked to the entry before'
    | 'altered'
    | 'head differs'
    | 'not what was published'
    | 'published head missing'
    | 'published head forged';
}

/**
 * Walks one chain from its first entry, holding one hash.
 *
 * `next()` for each stored entry in order of position, then `end()`; the first bad entry it answers is final.
 */
export class ChainVerifier {
  entries = 0;
  /** Of the last good entry. */
  position = 0n;
  private hash = genesisHash;

  constructor(private readonly head: ChainHead) {}

  next(entry: ChainedEntry): BadEntry | undefined {
    const expected = this.position + 1n;
    if (entry.position < expected || entry.position > this.head.position) {
      return this.bad(entry.position, 'unexpected', entry.eventId);
    }
    if (entry.position !== expected) return this.bad(expected, 'missing');
    if (!entry.previousHash.equals(this.hash)) {
      return this.bad(expected, 'not linked to the entry before', entry.eventId);
    }
    if (!hashOf(entry).equals(entry.hash)) return this.bad(expected, 'altered', entry.eventId);
    this.position = expected;
    this.hash = entry.hash;
    this.entries++;
    return undefined;
  }

  end(): BadEntry | undefined {
    if (this.position < this.head.position) return this.bad(this.position + 1n, 'missing');
    if (!this.hash.equals(this.head.hash)) return this.bad(this.position, 'head differs');
    return undefined;
  }

  private bad(position: bigint, reason: BadEntry['reason'], eventId?: string): BadEntry {
    const { partitionId } = this.head;
    return { partitionId, position: Number(position), ...(eventId ? { eventId } : {}), reason };
  }
}
