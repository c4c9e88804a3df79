import { pathSegments } from './entity-path.js';
import type { Claim, Right } from './sas-token.js';

/** A connection with hundreds of partitions puts one token a link; nobody needs more than this. */
const MAX_CLAIMS = 4096;

/** What one connection has been granted, by path. A new token for a path takes the place of the old one. */
export class Claims {
  private readonly byPath = new Map<string, Claim>();

  /** Answers false when there is no room for another path. */
  add(claim: Claim): boolean {
    const key = claim.path.join('/');
    if (!this.byPath.has(key) && this.byPath.size >= MAX_CLAIMS) return false;
    this.byPath.set(key, claim);
    return true;
  }

  /** When the next of the claims that still hold ends, ms since 1970; undefined where none holds. */
  nextExpiry(now: number): number | undefined {
    let next: number | undefined;
    for (const { expires } of this.byPath.values())
      if (expires > now && !(expires >= (next ?? Infinity))) next = expires;
    return next;
  }

  /**
   * Looks for a claim on the address and on each path above it, however many others there are.
   * @param right `any`: whichever right will do
   */
  allows(right: Right | 'any', address: string, now: number): boolean {
    const wanted = pathSegments(address);
    for (let length = 0; length <= wanted.length; length++) {
      const claim = this.byPath.get(wanted.slice(0, length).join('/'));
      if (claim === undefined || claim.expires <= now) continue;
      if (right === 'any' || claim.rights.includes(right) || claim.rights.includes('Manage')) return true;
    }
    return false;
  }
}
