import { Receiver } from 'rhea-promise';
import './bounded-credit.js';

describe('the credit of a link', () => {
  const granted: number[] = [];
  /** A receiver whose link has so much credit. */
  const receiverWith = (credit: number, address = 'customer-events/ConsumerGroups/audit/Partitions/0') =>
    Object.create(Receiver.prototype, {
      _link: { value: { credit, source: { address }, add_credit: (more: number) => granted.push(more) } },
    }) as Receiver;
  beforeEach(() => granted.splice(0));

  it('grows to what is asked for', () => {
    receiverWith(0).addCredit(1_500);
    receiverWith(400).addCredit(1_500);
    expect(granted).toEqual([1_500, 1_100]);
  });

  it('does not grow each time it is asked for again', () => {
    receiverWith(1_500).addCredit(1_500);
    receiverWith(1_500).addCredit(600);
    expect(granted).toEqual([]);
  });

  it('is what is asked for on a link of Service Bus, whose library adds what has been used up', () => {
    receiverWith(9, 'notifications').addCredit(1);
    expect(granted).toEqual([1]);
  });
});
