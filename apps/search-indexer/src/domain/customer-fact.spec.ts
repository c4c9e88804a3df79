import type { OpenedEvent } from '@app/contracts';
import * as fc from 'fast-check';
import { changed, erased, idOf } from '../../test/index-customers.js';
import { isCustomerFact } from './customer-fact.js';
import { foldEvents } from './fold-events.js';

const fact = changed({
  id: idOf(1),
  addresses: { home: { line1: '1 High St', city: 'Perth', country: 'AU' } },
});
const withData = (data: unknown): OpenedEvent => ({ ...fact, data: data as OpenedEvent['data'] });

describe('isCustomerFact', () => {
  it('knows what is ours', () => {
    expect(
      [fact, erased(idOf(1), 2), withData({ changed: [], personal: null, erased: true })].map(isCustomerFact),
    ).toEqual([true, true, true]);
  });

  it.each<[string, Partial<OpenedEvent>]>([
    ['a subject that is no id of ours', { subject: 'somebody' }],
    ['a subject in upper case', { subject: idOf(1).toUpperCase() }],
    ['no version', { customerversion: Number.NaN }],
    ['a version that is too high', { customerversion: 2 ** 31 }],
    ['no data', { data: undefined }],
    ['other data', { data: { hello: 1 } as never }],
    [
      'a customer without a name',
      { data: { personal: { current: { accountNumber: 'A1', addresses: {} } } } as never },
    ],
  ])('does not take it for ours with %s', (_, more) =>
    expect(isCustomerFact({ ...fact, ...more })).toBe(false),
  );

  it('lets nothing through that cannot be indexed', () => {
    const { personal } = fact.data;
    const member = fc.constantFrom(...Object.keys(personal?.current ?? {}), 'email', 'phone', 'title');
    fc.assert(
      fc.property(member, fc.anything(), (name, value) => {
        const event = withData({
          changed: [],
          personal: { current: { ...personal?.current, [name]: value }, previous: {} },
        });
        expect(() => foldEvents([event].filter(isCustomerFact))).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });
});
