import type { Customer } from '@app/contracts';
import type { CustomerFact } from './customer-fact.js';
import { foldEvents } from './fold-events.js';

function event(
  subject: string,
  customerversion: number,
  givenName: string,
  more: Partial<CustomerFact> = {},
): CustomerFact {
  const current = {
    id: subject,
    version: customerversion,
    accountNumber: 'A1',
    givenName,
    familyName: 'Yang',
    addresses: {},
  };
  return {
    id: `${subject}-${customerversion}`,
    type: 'CustomerNameChanged',
    source: '/profile',
    subject,
    customerversion,
    data: { changed: [], personal: { current: current as unknown as Customer, previous: {} } },
    ...more,
  };
}

describe('foldEvents', () => {
  it('comes to one state a customer, of the highest version, sorted by id', () => {
    const states = foldEvents([
      event('b', 1, 'Ann'),
      event('a', 3, 'Jon'),
      event('a', 2, 'Jan'),
      event('a', 3, 'Jon'),
    ]);
    expect(
      states.map(({ customerId, version, document }) => [customerId, version, document?.found.givenName]),
    ).toEqual([
      ['a', 3, 'Jon'],
      ['b', 1, 'Ann'],
    ]);
  });

  it.each<[string, Partial<CustomerFact>]>([
    ['erased', { type: 'CustomerErased' }],
    ['without a key any more', { data: { changed: [], personal: null, erased: true } }],
  ])('a customer who is %s leaves the search', (_, more) => {
    expect(foldEvents([event('a', 1, 'Jon'), event('a', 2, 'Jon', more)])).toEqual([
      { customerId: 'a', version: 2, document: null },
    ]);
  });

  it('the duplicate of a merge leaves the search, the survivor stays', () => {
    const merged = (role: string) => {
      const { data } = event('a', 2, 'Jon');
      return event('a', 2, 'Jon', {
        type: 'CustomersMerged',
        data: Object.assign({ role }, data),
      });
    };
    expect(foldEvents([merged('duplicate')])[0]?.document).toBeNull();
    expect(foldEvents([merged('survivor')])[0]?.document).not.toBeNull();
  });
});
