import { type KeySource, keysPerRequest, type PersonalDataKey } from './key-source.js';

type Keys = Map<string, PersonalDataKey>;

interface Asked {
  readonly ids: readonly string[];
  readonly resolve: (keys: Keys) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Partitions ask for keys side by side, mostly for one customer each, and a request costs far more than its keys: those
 * that come while one is under way go together in the next.
 */
export class SharedFetches {
  private waiting: Asked[] = [];
  private underWay = false;

  constructor(private readonly source: Pick<KeySource, 'fetch'>) {}

  /**
   * @param ids at most {@link keysPerRequest}
   * @returns the keys of these customers, perhaps of others too
   * @throws {KeyServiceError} what the source says of these customers alone
   */
  fetch(ids: readonly string[]): Promise<Keys> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ ids, resolve, reject });
      if (!this.underWay) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.underWay = true;
    while (this.waiting.length > 0) await this.answer(this.next());
    this.underWay = false;
  }

  /** As many of those who wait, first come first, as fit into a request. */
  private next(): Asked[] {
    let keys = 0;
    const fitting = this.waiting.findIndex(({ ids }) => (keys += ids.length) > keysPerRequest);
    return this.waiting.splice(0, fitting === -1 ? this.waiting.length : Math.max(fitting, 1));
  }

  private async answer(asked: readonly Asked[]): Promise<void> {
    try {
      const keys = await this.source.fetch([...new Set(asked.flatMap(({ ids }) => ids))]);
      for (const { resolve } of asked) resolve(keys);
    } catch (error) {
      // One unknown customer refuses the request: it must not hold up the others' partitions.
      if (asked.length > 1) await Promise.all(asked.map((one) => this.answer([one])));
      else asked[0]?.reject(error);
    }
  }
}
