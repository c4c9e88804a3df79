import { RecentEvents } from './recent-events.js';

describe('the recent events', () => {
  it('are so many at most, the oldest are forgotten', () => {
    const recent = new RecentEvents(2);
    const at = new Date();
    recent.add(['a', 'b'], 'applied', at);
    recent.add(['c', 'd'], 'ignored', at);
    expect(['a', 'b', 'c', 'd'].map((id) => recent.get(id)?.state)).toEqual([
      undefined,
      undefined,
      'ignored',
      'ignored',
    ]);
  });
});
