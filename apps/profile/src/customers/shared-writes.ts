import { tooManyWrites } from './problems.js';

interface Waiting<One> {
  one: One;
  resolve: (isWritten: boolean) => void;
  reject: (error: unknown) => void;
}

/** A second statement is made ready while the first one waits for the disk. */
const statementsAtOnce = 2;
const writesAStatement = 64;
const longestQueue = 2_000;

/** What PostgreSQL refused or rolled back, and so did nothing of: classes 22, 23 and 40 of its manual's appendix A. */
const undone = /^(?:2[23]|40)/;

/**
 * Writes of different customers that are asked for at once go into one statement, and share its commit. Each of them is
 * written, or not, for itself: where one makes the statement fail, all are written one by one. Who comes alone does not
 * wait; a customer is in one statement at a time, in the order asked for.
 */
export class SharedWrites<One> {
  private waiting: Waiting<One>[] = [];
  private readonly inHand = new Set<string>();
  private running = 0;
  private isDue = false;

  /**
   * @param write answers the ids that were written
   * @param idOf whose write it is
   */
  constructor(
    private readonly write: (batch: readonly One[]) => Promise<ReadonlySet<string>>,
    private readonly idOf: (one: One) => string,
  ) {}

  /** @returns whether it was written. @throws a 503 problem when too many wait already */
  add(one: One): Promise<boolean> {
    if (this.waiting.length >= longestQueue) throw tooManyWrites();
    return new Promise((resolve, reject) => {
      this.waiting.push({ one, resolve, reject });
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
    while (this.running < statementsAtOnce) {
      const batch = this.take();
      if (batch.length === 0) return;
      this.running++;
      void this.run(batch).finally(() => {
        this.running--;
        for (const { one } of batch) this.inHand.delete(this.idOf(one));
        this.next();
      });
    }
  }

  private take(): Waiting<One>[] {
    const batch: Waiting<One>[] = [];
    this.waiting = this.waiting.filter((waiting) => {
      const id = this.idOf(waiting.one);
      if (batch.length === writesAStatement || this.inHand.has(id)) return true;
      this.inHand.add(id);
      batch.push(waiting);
      return false;
    });
    return batch;
  }

  private async run(batch: readonly Waiting<One>[]): Promise<void> {
    try {
      const written = await this.write(batch.map(({ one }) => one));
      for (const { one, resolve } of batch) resolve(written.has(this.idOf(one)));
    } catch (error) {
      // One of them is to blame. Any other failure may have come after the commit: nobody knows, and nobody tries again.
      if (batch.length > 1 && isUndone(error)) for (const one of batch) await this.run([one]);
      else for (const { reject } of batch) reject(error);
    }
  }
}

const isUndone = (error: unknown): boolean => undone.test(String((error as { code?: unknown } | null)?.code));
