import { type KeySource, keysPerRequest, type PersonalDataKey } from './key-source.js';

type Keys = Map<string, PersonalDataKey>;

interface Asker {
  ids: readonly string[];
  resolve: (keys: Keys) => void;
  reject: (error: unknown) => void;
}

/** While one is answered, the next is under way. */
const requestsAtOnce = 2;

/**
 * Keys that several partitions ask for while requests are under way go into one: a request costs both sides far more than
 * a key. Who asks alone does not wait. Where a request of several fails, each asks for itself: a customer that nobody
 * knows holds up its own partition only.
 */
export class SharedKeySource implements Pick<KeySource, 'fetch'> {
  private readonly waiting: Asker[] = [];
  private running = 0;

  constructor(private readonly source: Pick<KeySource, 'fetch'>) {}

  /** @returns at least these. @param ids at most {@link keysPerRequest}. @throws {KeyServiceError} */
  fetch(ids: readonly string[]): Promise<Keys> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ ids, resolve, reject });
      this.next();
    });
  }

  private next(): void {
    while (this.running < requestsAtOnce && this.waiting.length > 0) {
      this.running++;
      void this.ask(this.take()).finally(() => {
        this.running--;
        this.next();
      });
    }
  }

  private take(): Asker[] {
    let count = 0;
    const fits = ({ ids }: Asker): boolean => (count += ids.length) <= keysPerRequest;
    const end = this.waiting.findIndex((asker) => !fits(asker));
    return this.waiting.splice(0, end === -1 ? this.waiting.length : Math.max(end, 1));
  }

  private async ask(askers: readonly Asker[]): Promise<void> {
    try {
      const keys = await this.source.fetch([...new Set(askers.flatMap(({ ids }) => ids))]);
      for (const { resolve } of askers) resolve(keys);
    } catch (error) {
      if (askers.length === 1) askers[0]?.reject(error);
      else await Promise.all(askers.map((asker) => this.ask([asker])));
    }
  }
}
