import { BackOff } from './back-off.js';

describe('back-off of a crashed process', () => {
  it('doubles from a quarter of a second up to ten seconds', () => {
    const backOff = new BackOff();
    const waits = Array.from({ length: 8 }, () => backOff.next(100));
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  it('begins anew after half a minute up', () => {
    const backOff = new BackOff();
    backOff.next(0);
    backOff.next(0);
    expect(backOff.next(30_000)).toBe(250);
  });
});
