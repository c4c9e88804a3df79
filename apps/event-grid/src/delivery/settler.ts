import { pause } from '@app/event-hubs';
import type { Sql } from '../sql.js';
import { type Settled, settleDeliveries } from './settle-deliveries.js';

const most = 500;
/** What ends within so long goes into one statement, and waits for one sync of the disk. Nobody waits for it here. */
const gatherMs = 20;

/** PostgreSQL, appendix A. */
const deadlockDetected = '40P01';

interface Waiting {
  settled: Settled;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Writes what became of deliveries, those that end at about the same time together. */
export class Settler {
  private waiting: Waiting[] = [];
  private isWriting = false;

  constructor(private readonly sql: Sql) {}

  /** Resolves when it is committed. @throws what the database throws: the claim runs out then */
  settle(settled: Settled): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ settled, resolve, reject });
      if (!this.isWriting) void this.write();
    });
  }

  private async write(): Promise<void> {
    this.isWriting = true;
    while (this.waiting.length > 0) {
      if (this.waiting.length < most) await pause(gatherMs);
      const batch = this.waiting.splice(0, most);
      try {
        await this.store(batch.map(({ settled }) => settled));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.isWriting = false;
  }

  /** An erasure locks a customer's deliveries in another order: once it is done, they can be written. */
  private async store(settled: readonly Settled[]): Promise<void> {
    try {
      await settleDeliveries(this.sql, settled);
    } catch (error) {
      if ((error as { code?: unknown }).code !== deadlockDetected) throw error;
      await settleDeliveries(this.sql, settled);
    }
  }
}
