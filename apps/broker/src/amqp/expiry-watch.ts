import type { Claims } from '../auth/claims.js';

/** A longer timer would fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Calls back whenever one of a connection's tokens has expired, until stopped. */
export class ExpiryWatch {
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param expired hears which moment it is, ms since 1970: whoever asks the claims asks for that one
   * @param clock ms since 1970
   */
  constructor(
    private readonly claims: Claims,
    private readonly expired: (now: number) => void,
    private readonly clock: () => number = Date.now,
  ) {}

  /** Looks again which token expires next: one was put. */
  start(now = this.clock()): void {
    clearTimeout(this.timer);
    const next = this.claims.nextExpiry(now);
    if (next === undefined) return;
    this.timer = setTimeout(() => this.look(), Math.min(next - now, MAX_TIMER_MS));
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** Timers fire early too: what is looked at and what is waited for next are split by one reading of the clock. */
  private look(): void {
    const now = this.clock();
    this.expired(now);
    this.start(now);
  }
}
