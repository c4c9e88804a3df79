import type { SparingLog } from '@app/event-hubs';
import type { Sql } from '../sql.js';
import type { Claimed } from './claim-deliveries.js';
import { extendClaims } from './extend-claims.js';

/** What a process that dies has claimed is taken by another after so long. */
export const leaseMs = 10_000;
const extendEveryMs = 3_000;

/** The deliveries that are this process's, and stay so until it is done with them. */
export class Claims {
  private readonly mine = new Map<string, Claimed>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly sql: Sql,
    private readonly log: SparingLog,
  ) {}

  keep(): void {
    this.timer = setInterval(() => void this.extend(), extendEveryMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  add(claimed: readonly Claimed[]): void {
    for (const one of claimed) this.mine.set(one.id, one);
  }

  forget(id: string): void {
    this.mine.delete(id);
  }

  private async extend(): Promise<void> {
    const validUntil = performance.now() + leaseMs;
    try {
      const kept = await extendClaims(this.sql, [...this.mine.values()], leaseMs);
      for (const id of kept) {
        const claimed = this.mine.get(id);
        if (claimed) claimed.validUntil = validUntil;
      }
    } catch (error) {
      this.log.warn(`claims are not extended: ${String(error)}`);
    }
  }
}
