import { RecentMap } from './recent-map.js';

describe('what was used last', () => {
  it('never takes more entries than it may, and always has the younger half', () => {
    const recent = new RecentMap<number, string>(10);
    for (let n = 0; n < 1_000; n++) {
      recent.set(n, `v${n}`);
      expect(recent.size).toBeLessThanOrEqual(10);
      for (let back = 0; back < 5 && back <= n; back++) expect(recent.get(n - back)).toBe(`v${n - back}`);
    }
    expect(recent.get(900)).toBeUndefined();
  });

  it('keeps what is asked for again and again', () => {
    const recent = new RecentMap<string, number>(4);
    recent.set('kept', 1);
    for (let n = 0; n < 100; n++) {
      recent.set(`other ${n}`, n);
      expect(recent.get('kept')).toBe(1);
    }
  });

  it('answers with the last value, and not after it was deleted', () => {
    const recent = new RecentMap<string, number>(2);
    recent.set('a', 1);
    recent.set('b', 2);
    recent.set('a', 3);
    expect(recent.get('a')).toBe(3);
    recent.delete('a');
    expect(recent.get('a')).toBeUndefined();
    recent.clear();
    expect(recent.size).toBe(0);
  });
});
