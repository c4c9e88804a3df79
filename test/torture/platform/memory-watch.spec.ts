import { MemoryWatch, slopeOf } from './memory-watch.js';
import { eventually } from '@app/testing';

describe('the memory of processes', () => {
  it('grows by the line nearest to its samples, after the warm-up', () => {
    const samples = Array.from({ length: 40 }, (_, n) => ({
      minutes: n / 2,
      mib: n < 10 ? n * 30 : 300 + (n - 10) * 0.5 + (n % 2),
    }));
    expect(slopeOf(samples)).toBeCloseTo(1, 1);
    expect(slopeOf([{ minutes: 1, mib: 5 }])).toBe(0);
  });

  it('is seen as Linux counts it, and what has gone is passed over', async () => {
    const watch = new MemoryWatch(() => [
      { name: 'this one', pid: process.pid },
      { name: 'nobody', pid: 2 ** 22 + 1 },
    ]);
    await eventually(() => watch.most.mib > 0);
    watch.stop();
    expect(watch.most.name).toBe('this one');
    expect(watch.most.mib).toBeGreaterThan(30);
  });
});
