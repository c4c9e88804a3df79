import { Together } from '@app/service-defaults';
import { tooManyWrites } from './problems.js';

/** A second statement is made ready while the first one waits for the disk. */
const limits = { most: 64, atOnce: 2, queue: { longest: 2_000, refusal: tooManyWrites } };

/** What PostgreSQL refused or rolled back, and so did nothing of: classes 22, 23 and 40 of its manual's appendix A. */
const undone = /^(?:2[23]|40)/;

type Outcome = PromiseSettledResult<boolean>;

/**
 * Writes of different customers that are asked for at once go into one statement, and share its commit. Each of them is
 * written, or not, for itself: where one makes the statement fail, all are written one by one. Who comes alone does not
 * wait; a customer is in one statement at a time, in the order asked for.
 */
export class SharedWrites<One> {
  private readonly together: Together<One, Outcome>;

  /**
   * @param write answers the ids that were written
   * @param idOf whose write it is
   */
  constructor(
    private readonly write: (batch: readonly One[]) => Promise<ReadonlySet<string>>,
    private readonly idOf: (one: One) => string,
  ) {
    this.together = new Together((batch) => this.run(batch), { ...limits, keyOf: idOf });
  }

  /** @returns whether it was written. @throws a 503 problem when too many wait already */
  async add(one: One): Promise<boolean> {
    const outcome = await this.together.add(one);
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  }

  private async run(batch: readonly One[]): Promise<Outcome[]> {
    try {
      const written = await this.write(batch);
      return batch.map((one) => ({ status: 'fulfilled', value: written.has(this.idOf(one)) }));
    } catch (reason) {
      // One of them is to blame. Any other failure may have come after the commit: nobody knows, and nobody tries again.
      if (batch.length === 1 || !isUndone(reason)) return batch.map(() => ({ status: 'rejected', reason }));
      const outcomes: Outcome[] = [];
      for (const one of batch) outcomes.push(...(await this.run([one])));
      return outcomes;
    }
  }
}

const isUndone = (error: unknown): boolean => undone.test(String((error as { code?: unknown } | null)?.code));
