/**
 * What is published of a chain, outside its database: who rewrites the database does not rewrite this. One follows the
 * other without a gap, each names the one before.
 */
export interface PublishedHead {
  partitionId: number;
  /** The first position that it speaks of, and the last: where the chain ended. */
  from: bigint;
  position: bigint;
  /** Of the entry at `position`; it covers every entry before. */
  hash: Buffer;
  /** The first four bytes of the hash of each entry from `from`: where a rewritten chain begins to differ. */
  marks: Buffer;
  /** ISO 8601, our own clock. */
  publishedAt: string;
  /** SHA-256 of the published line before; of nothing before the first. */
  previous: Buffer;
}

export const markBytes = 4;

export const markOf = (hash: Buffer): Buffer => hash.subarray(0, markBytes);
