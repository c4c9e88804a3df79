import { tooManyReads } from './problems.js';

interface Waiting<Found> {
  id: string;
  resolve: (found: Found | undefined) => void;
  reject: (error: unknown) => void;
}

const statementsAtOnce = 2;
const readsAStatement = 64;
const longestQueue = 2_000;

/**
 * Reads that are asked for at once go into one statement: to wake the database for each costs more than to look one up.
 * Who comes alone does not wait. A read never joins a statement that was begun before it was asked for, so that it sees
 * whatever was committed by then.
 */
export class SharedReads<Found> {
  private waiting: Waiting<Found>[] = [];
  private running = 0;
  private isDue = false;

  /** @param read answers what was found by its id; an id may be asked for twice */
  constructor(private readonly read: (ids: readonly string[]) => Promise<ReadonlyMap<string, Found>>) {}

  /** @returns nothing where there is nothing. @throws a 503 problem when too many wait already */
  find(id: string): Promise<Found | undefined> {
    if (this.waiting.length >= longestQueue) throw tooManyReads();
    return new Promise((resolve, reject) => {
      this.waiting.push({ id, resolve, reject });
      if (this.isDue) return;
      this.isDue = true;
      // After all requests that came in the same turn.
      setImmediate(() => {
        this.isDue = false;
        this.next();
      });
    });
  }

  private next(): void {
    while (this.running < statementsAtOnce && this.waiting.length > 0) {
      this.running++;
      void this.run(this.waiting.splice(0, readsAStatement)).finally(() => {
        this.running--;
        this.next();
      });
    }
  }

  private async run(batch: readonly Waiting<Found>[]): Promise<void> {
    try {
      const found = await this.read(batch.map(({ id }) => id));
      for (const { id, resolve } of batch) resolve(found.get(id));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
