/** Ids that a queue or topic has seen within its window. */
export class Duplicates {
  /** Ids with the time until which they are remembered, oldest first. */
  private readonly seen = new Map<string, { until: number; stored: Promise<unknown> }>();

  /** @param most ids, beyond which nothing more is taken */
  constructor(
    readonly windowMs: number,
    private readonly most: number,
  ) {}

  get isFull(): boolean {
    return this.seen.size >= this.most;
  }

  /** When an id was seen: settles with the message that had it. */
  find(id: string, now: number): Promise<unknown> | undefined {
    for (const [old, { until }] of this.seen) {
      if (until > now) break;
      this.seen.delete(old);
    }
    return this.seen.get(id)?.stored;
  }

  /** Remembers an id, unless what it belongs to is refused. */
  add(id: string, until: number, stored: Promise<unknown>): void {
    const entry = { until, stored };
    this.seen.set(id, entry);
    stored.catch(() => {
      if (this.seen.get(id) === entry) this.seen.delete(id);
    });
  }

  restore(id: string, until: number): void {
    this.seen.delete(id);
    this.seen.set(id, { until, stored: Promise.resolve() });
  }

  /** What is still remembered. */
  entries(now: number): [string, number][] {
    return [...this.seen].filter(([, { until }]) => until > now).map(([id, { until }]) => [id, until]);
  }
}
