import { pauseAfter, retryPauses } from './retry-schedule.js';

describe('the pauses between tries', () => {
  it('make five attempts within 30 seconds, at the longest', () => {
    const longest = [1, 2, 3, 4].map((failures) => pauseAfter(failures, retryPauses, () => 1) as number);
    expect(longest.reduce((sum, pause) => sum + pause)).toBeLessThan(30_000);
    expect(pauseAfter(5, retryPauses)).toBeUndefined();
  });

  it('differ, so that what failed together does not come back together', () => {
    expect(pauseAfter(2, retryPauses, () => 0)).toBeCloseTo(2_550);
    expect(pauseAfter(2, retryPauses, () => 1)).toBeCloseTo(3_450);
  });
});
