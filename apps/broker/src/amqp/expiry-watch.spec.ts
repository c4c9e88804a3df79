import { jest } from '@jest/globals';
import { Claims } from '../auth/claims.js';
import { ExpiryWatch } from './expiry-watch.js';

/** A clock that stands at each of these times for one reading, then at the last. */
const clockOf = (...times: number[]) => {
  let readings = 0;
  return () => times[Math.min(readings++, times.length - 1)] as number;
};

describe('a watch over expiring tokens', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const claimsUntil = (...expires: number[]) => {
    const claims = new Claims();
    for (const [i, at] of expires.entries()) claims.add({ path: [`p${i}`], rights: ['Send'], expires: at });
    return claims;
  };
  const held = (claims: Claims, now: number) =>
    ['p0', 'p1'].filter((path) => claims.allows('Send', path, now));

  it('whose timer fires a millisecond early, as the token expires, looks again', () => {
    const claims = claimsUntil(1_000);
    const seen: string[][] = [];
    const watch = new ExpiryWatch(claims, (now) => seen.push(held(claims, now)), clockOf(0, 999, 1_000));
    watch.start();
    jest.runAllTimers();
    expect(seen).toEqual([['p0'], []]);
  });

  it('looks once for each token, in the order in which they expire', () => {
    const claims = claimsUntil(2_000, 1_000);
    const seen: string[][] = [];
    const watch = new ExpiryWatch(claims, (now) => seen.push(held(claims, now)), clockOf(0, 1_000, 2_000));
    watch.start();
    jest.runAllTimers();
    expect(seen).toEqual([['p0'], []]);
  });

  it('that is stopped says nothing more', () => {
    const expired = jest.fn();
    const watch = new ExpiryWatch(claimsUntil(1_000), expired, clockOf(0));
    watch.start();
    watch.stop();
    jest.runAllTimers();
    expect(expired).not.toHaveBeenCalled();
  });
});
