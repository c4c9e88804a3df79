import { partitionForKey } from '@app/contracts';
import { MissingSubjectError, outboxRows } from './outbox-rows.js';

const event = {
  id: 'e1',
  type: 'AddressChanged',
  source: '/profile',
  subject: 'alphabet',
  customerversion: 3,
};

describe('outbox rows', () => {
  it('hold attributes and data apart, under the partition of the subject', () => {
    const rows = outboxRows([{ ...event, data: { changed: [] } }], 11);
    expect(rows).toEqual({
      partition_id: [partitionForKey('alphabet', 11)],
      event_id: ['e1'],
      subject: ['alphabet'],
      customerversion: [3],
      attributes: [JSON.stringify(event)],
      body: ['{"changed":[]}'],
    });
  });

  it('are not made of an event that has no place in an order', () => {
    expect(() => outboxRows([{ ...event, subject: undefined, data: {} }], 4)).toThrow(MissingSubjectError);
  });
});
