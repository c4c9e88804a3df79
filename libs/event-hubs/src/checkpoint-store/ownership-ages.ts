interface Sight {
  etag: string;
  /** When this etag came to be, at the latest, by `performance.now()`. */
  since: number;
}

/**
 * How long ago ownerships were renewed, by a clock that nobody sets: a renewal changes the etag, so an ownership is as old
 * as the etag has stayed. The database's word is taken for the time between two looks only; were it taken for more, a clock
 * set ahead would take every partition from its owner, and one set back would leave a partition to who has gone.
 */
export class OwnershipAges {
  private readonly sights = new Map<string, Sight>();
  private lookedAt: number | undefined;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** @returns milliseconds; the least they can be where this is the first look */
  look(rows: readonly { partition_id: string; etag: string; age_ms: number }[]): Map<string, number> {
    const now = this.now();
    const sinceLook = this.lookedAt === undefined ? 0 : now - this.lookedAt;
    this.lookedAt = now;
    const ages = new Map<string, number>();
    for (const { partition_id: id, etag, age_ms: told } of rows) {
      const seen = this.sights.get(id);
      const since = seen?.etag === etag ? seen.since : now - Math.min(Math.max(told, 0), sinceLook);
      this.sights.set(id, { etag, since });
      ages.set(id, now - since);
    }
    return ages;
  }
}
