import { RateLimit } from './rate-limit.js';

describe('a rate limit', () => {
  const limit = new RateLimit(2);
  const second = 1_790_000_000_000;

  it('counts each client for itself, anew each second', () => {
    expect(['a', 'a', 'b'].map((who) => limit.take(who, second))).toEqual([1, 0, 1]);
    expect(limit.take('a', second + 1_000)).toBe(1);
  });

  it('refuses what is over, and says when to come again', () => {
    const over = (): number => limit.take('c', second + 5_500);
    over();
    over();
    expect(over).toThrow(
      expect.objectContaining({
        document: expect.objectContaining({ status: 429, type: '/problems/too-many-requests' }) as object,
        headers: {
          'retry-after': '1',
          'ratelimit-policy': '"client";q=2;w=1',
          ratelimit: '"client";r=0;t=1',
        },
      }) as Error,
    );
    expect(limit.take('c', second + 6_000)).toBe(1);
  });
});
