import type { ReceivedEventData } from '@app/event-hubs';
import type { WantedEvent } from '../runtime/select-events.js';
import { type Divided, divide, erasure } from './divide.js';
import { unreadable } from './failure.js';

let sequenceNumber = 0;
const event = (key: string, subject: string | undefined, type = 'AddressChanged'): WantedEvent => ({
  received: { sequenceNumber: sequenceNumber++ } as ReceivedEventData,
  attributes: { id: key, type, source: '/profile', ...(subject !== undefined && { subject }) },
  body: Buffer.alloc(0),
  key,
});
const known = { applied: new Set<string>(), waiting: new Set<string>(), failures: new Map() };
const broken = unreadable('broken');
const keys = ({ fresh, duplicates, aside, dropped, erased }: Divided) => ({
  fresh: fresh.map(({ key }) => key),
  duplicates: duplicates.map(({ key }) => key),
  aside: aside.map(({ event: { key } }) => key),
  dropped: dropped.map(({ key }) => key),
  erased,
});
const nothing = { fresh: [], duplicates: [], aside: [], dropped: [], erased: [] };

describe('a batch is divided', () => {
  it('by what was applied before, in this batch or an earlier one', () => {
    const divided = divide([event('a', 'x'), event('b', 'x'), event('b', 'x')], {
      ...known,
      applied: new Set(['a']),
    });
    expect(keys(divided)).toEqual({ ...nothing, fresh: ['b'], duplicates: ['a', 'b'] });
  });

  it('at a failing event: what comes before it of its customer is handled, what follows waits', () => {
    const events = [event('a', 'x'), event('b', 'x'), event('c', 'y'), event('d', 'x')];
    const divided = divide(events, { ...known, failures: new Map([['b', broken]]) });
    expect(keys(divided)).toEqual({ ...nothing, fresh: ['a', 'c'], aside: ['b', 'd'] });
    expect(divided.aside.map(({ failure }) => failure)).toEqual([broken, undefined]);
  });

  it('by who waits already', () => {
    const divided = divide([event('a', 'x'), event('b', 'y')], { ...known, waiting: new Set(['x']) });
    expect(keys(divided)).toEqual({ ...nothing, fresh: ['b'], aside: ['a'] });
  });

  it('at an erasure, which waits for nobody and drops what would have waited', () => {
    const events = [event('a', 'x'), event('gone', 'x', erasure), event('b', 'x')];
    const divided = divide(events, { ...known, waiting: new Set(['x']) });
    expect(keys(divided)).toEqual({ ...nothing, fresh: ['gone', 'b'], dropped: ['a'], erased: ['x'] });
  });

  it('at an erasure that fails itself: it stands in front then', () => {
    const events = [event('a', 'x'), event('gone', 'x', erasure), event('b', 'x')];
    const divided = divide(events, {
      ...known,
      waiting: new Set(['x']),
      failures: new Map([['gone', broken]]),
    });
    expect(keys(divided)).toEqual({ ...nothing, aside: ['gone', 'b'], dropped: ['a'], erased: ['x'] });
  });

  it('with nobody waiting behind an event that has no subject', () => {
    const events = [event('a', undefined), event('b', undefined)];
    expect(keys(divide(events, { ...known, failures: new Map([['a', broken]]) }))).toEqual({
      ...nothing,
      fresh: ['b'],
      aside: ['a'],
    });
  });
});
