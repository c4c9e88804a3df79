import { SeenEvents } from './seen-events.js';

const place = (sequenceNumber: number) => ({ partitionId: '0', sequenceNumber, source: '/profile' });

describe('SeenEvents', () => {
  it('forgets the oldest', () => {
    const seen = new SeenEvents(3);
    for (let n = 0; n < 10; n++) seen.add(`e${n}`, place(n));
    expect(seen.size).toBe(3);
    expect(seen.get('e6')).toBeUndefined();
    expect(seen.get('e7')).toEqual(place(7));
  });

  it('keeps the place where an id came first', () => {
    const seen = new SeenEvents(3);
    seen.add('e', place(1));
    seen.add('e', place(2));
    expect(seen.get('e')).toEqual(place(1));
  });

  it('tells who waits for an id, once, and not who has gone', () => {
    const seen = new SeenEvents(3);
    const told: string[] = [];
    seen.onSeen('e', () => told.push('first'));
    const leave = seen.onSeen('e', () => told.push('second'));
    leave();
    seen.add('other', place(0));
    seen.add('e', place(1));
    seen.add('e', place(2));
    expect(told).toEqual(['first']);
  });
});
