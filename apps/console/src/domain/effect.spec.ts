import { effectsOf, effectStates, isSettled } from './effect.js';

describe('effects', () => {
  it('are settled past pending and retrying', () => {
    expect(effectStates.filter((state) => isSettled({ state }))).toEqual([
      'applied',
      'ignored',
      'parked',
      'discarded',
    ]);
  });

  it('of an event are settled when each group’s is', () => {
    const groups = new Map([
      ['audit', { state: 'applied' as const, at: '2026-11-22T12:00:00.000Z' }],
      ['search-indexer', { state: 'pending' as const }],
    ]);
    expect(effectsOf('e1', groups)).toEqual({
      eventId: 'e1',
      settled: false,
      groups: {
        audit: { state: 'applied', at: '2026-11-22T12:00:00.000Z' },
        'search-indexer': { state: 'pending' },
      },
    });
    expect(effectsOf('e1', groups.set('search-indexer', { state: 'ignored' as never })).settled).toBe(true);
  });
});
