import { afterFailure, retryAfterIn } from './retry-schedule.js';

const policy = { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1_440, retryForbidden: false };
const publishedAt = new Date('2026-01-01T00:00:00Z');
const [minute, hour] = [60_000, 3_600_000];
const after = (
  attempts: number,
  status?: number,
  { now = publishedAt, scale = 1, random = 0, more = {} } = {},
) => {
  const next = afterFailure(
    { attempts, status, publishedAt },
    { ...policy, ...more },
    { now, scale, random: () => random },
  );
  return 'retryAt' in next ? next.retryAt.getTime() - now.getTime() : next.deadLetter;
};

it('waits as Event Grid does', () => {
  const pauses = Array.from({ length: 11 }, (_, index) => after(index + 1, 500));
  expect(pauses).toEqual([
    10_000,
    30_000,
    minute,
    5 * minute,
    10 * minute,
    30 * minute,
    hour,
    3 * hour,
    6 * hour,
    12 * hour,
    12 * hour,
  ]);
});

it('spreads what failed together by a tenth, and shortens all of it by the scale', () => {
  expect(after(1, 500, { random: 1 })).toBe(11_000);
  expect(after(3, 500, { scale: 0.001 })).toBe(60);
});

it.each([400, 401, 403, 413])('gives up at once on %d', (status) =>
  expect(after(1, status)).toBe('UndeliverableDueToClientError'),
);

it('tries 403 again where the subscription wants it', () =>
  expect(after(1, 403, { more: { retryForbidden: true } })).toBe(10_000));

it.each([
  [408, 2 * minute],
  [503, 30_000],
  [404, 10_000],
  [410, 10_000],
  [undefined, 10_000],
])('after %p waits %d ms at least', (status, ms) => expect(after(1, status)).toBe(ms));

it('gives up after the last attempt, and at the end of the time to live', () => {
  expect(after(30)).toBe('MaxDeliveryAttemptsExceeded');
  expect(after(2, 500, { more: { maxDeliveryAttempts: 2 } })).toBe('MaxDeliveryAttemptsExceeded');
  expect(after(10, 500, { now: new Date(publishedAt.getTime() + 13 * hour) })).toBe('TimeToLiveExceeded');
  expect(
    after(1, 500, { more: { eventTimeToLiveInMinutes: 1 }, now: new Date(publishedAt.getTime() + 50_000) }),
  ).toBe('TimeToLiveExceeded');
});

it.each([300, 301, 302, 303, 307, 308])('gives up at once on %d, which it does not follow', (status) =>
  expect(after(1, status)).toBe('RedirectRefused'),
);

it('waits as long as the handler asks, twelve hours at most, and never shorter than the schedule', () => {
  const asked = (retryAfterMs: number, status = 429) => {
    const next = afterFailure({ attempts: 1, status, publishedAt, retryAfterMs }, policy, {
      now: publishedAt,
      scale: 1,
      random: () => 0,
    });
    return 'retryAt' in next ? next.retryAt.getTime() - publishedAt.getTime() : next.deadLetter;
  };
  expect([asked(1_000), asked(90_000), asked(90_000, 408)]).toEqual([10_000, 90_000, 2 * minute]);
  expect(asked(1e12)).toBe(12 * hour);
});

it.each([
  ['120', 120_000],
  ['0', 0],
  ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['-5', undefined],
  ['1e9', undefined],
  ['soon', undefined],
  ['9999999999', undefined],
  [undefined, undefined],
])('reads Retry-After: %s as %p ms', (header, ms) =>
  expect(retryAfterIn(header, publishedAt.getTime())).toBe(ms),
);
