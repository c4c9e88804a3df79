import type { SubscriptionRow } from '../subscriptions/subscription-row.js';
import type { Claimed } from './claim-deliveries.js';
import { fairShare, Lane, shareOut } from './lane.js';

const shared = { inFlight: 40, claims: 80 };
const aLane = (claims = 0, held = 0): Lane => {
  const lane = new Lane({} as SubscriptionRow);
  lane.claims = claims;
  lane.held.push(...Array.from({ length: held }, () => ({}) as Claimed));
  for (let n = held; n < claims; n++) lane.room.begin();
  return lane;
};
const lanes = (...all: Lane[]) => new Map(all.map((lane, index) => [String(index), lane]));
const done = (lane: Lane, times: number, wentWell: boolean): Lane => {
  for (let n = 0; n < times; n++) {
    lane.room.begin();
    lane.room.end(wentWell);
  }
  return lane;
};

describe('a subscription’s share', () => {
  it('is what its handler has shown it can take, and three times that at hand', () => {
    expect(shareOut(lanes(aLane()), shared).get('0')).toBe(16);
    expect(shareOut(lanes(done(aLane(), 3, true)), shared).get('0')).toBe(28);
  });

  it('is one where the handler does badly, and none ahead of it', () => {
    expect(shareOut(lanes(done(aLane(), 9, false)), shared).get('0')).toBe(1);
    const hanging = done(aLane(), 9, false);
    hanging.claims = 1;
    hanging.room.begin();
    expect(shareOut(lanes(hanging), shared).size).toBe(0);
  });

  it('is nothing more for one that nobody wants any more, while what is under way ends', () => {
    const leaving = Object.assign(aLane(4), { isOpen: false });
    expect(shareOut(lanes(leaving), shared).size).toBe(0);
    expect(leaving.isLow).toBe(false);
  });

  it('is asked for when half of what should be at hand is gone', () => {
    expect(shareOut(lanes(aLane(11, 7)), shared).size).toBe(0);
    expect(shareOut(lanes(aLane(10, 6)), shared).get('0')).toBe(6);
  });

  it('is one at least, whatever the others have', () => {
    const greedy = done(aLane(81, 0), 40, true);
    expect(shareOut(lanes(greedy, aLane()), shared)).toEqual(new Map([['1', 1]]));
  });

  it('is fair among those who have work', () => {
    const slow = Array.from({ length: 9 }, () => done(aLane(1), 40, true));
    expect(fairShare(lanes(...slow, aLane()), shared)).toBe(4);
    expect(fairShare(lanes(done(aLane(1), 40, true)), shared)).toBe(40);
    const crowd = Array.from({ length: 100 }, () => aLane(1));
    expect(fairShare(lanes(...crowd), shared)).toBe(1);
  });
});
