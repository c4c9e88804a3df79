interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

export interface TogetherOptions {
  /** Items of one call. */
  most: number;
  /** Calls at the same time. */
  atOnce: number;
  /** Who comes while so many wait is refused; for callers that nothing else bounds. */
  queue?: { longest: number; refusal: () => Error };
}

/**
 * Does what comes at about the same time in one call. Who comes alone does not wait, and nobody joins a call that was begun
 * before: what it reads may be older.
 */
export class Together<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private running = 0;
  private isDue = false;

  constructor(
    private readonly work: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly options: TogetherOptions,
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
    const { most, atOnce } = this.options;
    while (this.running < atOnce && this.waiting.length > 0) {
      this.running++;
      void this.run(this.waiting.splice(0, most)).finally(() => {
        this.running--;
        this.next();
      });
    }
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
