import * as fc from 'fast-check';
import type { OutboxRow } from '../sql/begin-batch.js';
import { inVersionOrder } from './in-version-order.js';

const row = (id: number, subject: string, customerversion: number): OutboxRow => ({
  id: String(id),
  event_id: '',
  subject,
  customerversion,
  attributes: { id: '', type: '', source: '' },
  body: '{}',
});

describe('rows in version order', () => {
  it('swaps a customer’s rows among the places that customer has', () => {
    const rows = [row(1, 'a', 2), row(2, 'b', 1), row(3, 'a', 1), row(4, 'b', 2)];
    expect(inVersionOrder(rows).map(({ id }) => id)).toEqual(['3', '2', '1', '4']);
  });

  it('keeps every row, ascending for each customer, and the order of ids where that is ascending already', () => {
    const rows = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 9 })));
    fc.assert(
      fc.property(rows, (pairs) => {
        const before = pairs.map(([subject, version], index) => row(index, subject, version));
        const after = inVersionOrder(before);
        expect(new Set(after)).toEqual(new Set(before));
        for (const subject of ['a', 'b', 'c']) {
          const versions = after.filter((r) => r.subject === subject).map((r) => r.customerversion ?? 0);
          expect(versions).toEqual([...versions].sort((x, y) => x - y));
        }
        expect(inVersionOrder(after)).toEqual(after);
      }),
    );
  });
});
