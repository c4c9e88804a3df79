import { randomPool } from './random-pool.js';

describe('randomPool', () => {
  it('never hands out the same bytes twice, across refills', () => {
    const draw = randomPool();
    const drawn = Array.from({ length: 5_000 }, () => draw(12).toString('hex'));
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(drawn.every((hex) => hex.length === 24 && hex !== '0'.repeat(24))).toBe(true);
  });

  it('keeps what it handed out when it is drawn from again', () => {
    const draw = randomPool();
    const first = draw(32);
    const before = first.toString('hex');
    draw(32);
    expect(first.toString('hex')).toBe(before);
  });

  it('answers more than a pool holds', () => {
    expect(randomPool()(20_000)).toHaveLength(20_000);
  });
});
