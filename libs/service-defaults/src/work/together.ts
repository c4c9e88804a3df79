interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

export interface TogetherOptions<Item> {
  /** Items of one call. */
  most: number;
  /** Calls at the same time. */
  atOnce: number;
  /** Who comes while so many wait is refused; for callers that nothing else bounds. */
  queue?: { longest: number; refusal: () => Error };
  /** Items of one key are never in hand at the same time: they are done one after the other, in the order they came. */
  keyOf?: (item: Item) => string;
}

/**
 * Does what comes at about the same time in one call. Who comes alone does not wait, and nobody joins a call that was begun
 * before: what it reads may be older.
 */
export class Together<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private readonly inHand = new Set<string>();
  private running = 0;
  private isDue = false;

  constructor(
    private readonly work: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly options: TogetherOptions<Item>,
  ) {}

  /** @throws what the call threw that this one was part of, or the queue's refusal */
  add(item: Item): Promise<Result> {
    const { queue } = this.options;
    if (queue && this.waiting.length >= queue.longest) return Promise.reject(queue.refusal());
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.isDue) return;
      this.isDue = true;
      // After all that came in the same turn.
      setImmediate(() => {
        this.isDue = false;
        this.next();
      });
    });
  }

  private next(): void {
    const { atOnce, keyOf } = this.options;
    while (this.running < atOnce) {
      const batch = this.take();
      if (batch.length === 0) return;
      this.running++;
      void this.run(batch).finally(() => {
        this.running--;
        if (keyOf) for (const { item } of batch) this.inHand.delete(keyOf(item));
        this.next();
      });
    }
  }

  private take(): Waiting<Item, Result>[] {
    const { most, keyOf } = this.options;
    if (!keyOf) return this.waiting.splice(0, most);
    const batch: Waiting<Item, Result>[] = [];
    this.waiting = this.waiting.filter((waiting) => {
      const key = keyOf(waiting.item);
      if (batch.length === most || this.inHand.has(key)) return true;
      this.inHand.add(key);
      batch.push(waiting);
      return false;
    });
    return batch;
  }

  private async run(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.work(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => resolve(results[index] as Result));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
