import { Problem } from './problem.js';

/** Counts requests by who makes them, anew each second: what it remembers is no more than a second's requests. */
export class RateLimit {
  private readonly taken = new Map<string, number>();
  private second = 0;

  /** @param perSecond requests a second that each may make */
  constructor(readonly perSecond: number) {}

  /** @returns how many are left in this second. @throws a 429 problem (RFC 6585 §4) when none was. */
  take(who: string, now = Date.now()): number {
    const second = Math.floor(now / 1_000);
    if (second !== this.second) this.taken.clear();
    this.second = second;
    const taken = (this.taken.get(who) ?? 0) + 1;
    this.taken.set(who, taken);
    if (taken <= this.perSecond) return this.perSecond - taken;
    throw new Problem(429, 'too-many-requests', 'Too many requests: wait a moment.', {
      detail: `One client may make ${this.perSecond} requests a second.`,
      headers: { ...this.headers(0), 'retry-after': '1' },
    });
  }

  /** draft-ietf-httpapi-ratelimit-headers §3 and §4: the quota of each window of a second, and what is left of it. */
  headers(left: number): Record<string, string> {
    return {
      'ratelimit-policy': `"client";q=${this.perSecond};w=1`,
      ratelimit: `"client";r=${left};t=1`,
    };
  }
}
