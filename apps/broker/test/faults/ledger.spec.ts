import { Ledger, type Shown } from './ledger.js';

const event = (sequenceNumber: number, token: string, offset = sequenceNumber * 10): Shown => ({
  offset,
  sequenceNumber,
  token,
});

describe('the ledger', () => {
  const ledger = (repeats = false) => {
    const made = new Ledger(repeats);
    for (const token of ['a', 'b', 'c']) made.sent(token);
    made.accepted('a');
    return made;
  };

  it('has nothing to say about what was sent in order, acknowledged or not', () => {
    expect(ledger().check([event(0, 'a'), event(1, 'c')])).toEqual([]);
  });

  it.each([
    ['a lost event', [event(0, 'b')], "'a' was acknowledged and is lost"],
    ['another order', [event(0, 'b'), event(1, 'a')], "'a' comes after an event that was sent later"],
    ['an event twice', [event(0, 'a'), event(1, 'a')], "'a' is there twice"],
    ['a phantom', [event(0, 'a'), event(1, 'x')], "'x' was never sent"],
    ['a gap', [event(0, 'a'), event(2, 'b')], 'sequence number 2 stands where 1 should'],
    ['an offset that goes back', [event(0, 'a', 9), event(1, 'b', 9)], 'offset 9 comes after 9'],
  ])('finds %s', (_name, reading, wrong) => {
    expect(ledger().check(reading)).toEqual([wrong]);
  });

  it('finds what was shown once and is gone', () => {
    const known = ledger();
    known.check([event(0, 'a'), event(1, 'b')]);
    expect(known.check([event(0, 'a')])).toEqual(["'b' was shown at 10 and is gone"]);
  });

  it('finds an offset that is used twice', () => {
    const known = ledger();
    known.check([event(0, 'a'), event(1, 'b')]);
    expect(known.check([event(0, 'a'), event(1, 'c')])).toEqual(["offset 10 held 'b' and holds 'c' now"]);
  });

  it('allows an event twice where a sender repeats, in the order of the first', () => {
    const reading = [event(0, 'a'), event(1, 'b'), event(2, 'a'), event(3, 'c')];
    expect(ledger(true).check(reading)).toEqual([]);
  });

  it('misses nothing that has expired, but what follows it, and what comes back', () => {
    const known = ledger();
    known.accepted('b');
    known.accepted('c');
    expect(known.checkExpiring([event(0, 'a'), event(1, 'b'), event(2, 'c')])).toEqual([]);
    expect(known.checkExpiring([event(1, 'b')])).toEqual([
      "'c' was shown at 20 and is gone",
      "'c' was acknowledged and is lost",
    ]);
    expect(known.checkExpiring([event(0, 'a'), event(1, 'b'), event(2, 'c')])).toEqual([
      'the begin went back to 0',
    ]);
    expect(known.checkExpiring([])).toEqual(['everything is gone']);
  });
});
