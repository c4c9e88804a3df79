import type { Customer } from '../customer/customer.js';
import { valuesOf } from '../customer/paths.js';
import { lendersOf, sealByOrigin, withLent } from './seal-by-origin.js';
import { newPersonalDataKey, open, UnsealError } from './sealed-personal.js';

const home = { line1: 'Storgata 1', city: 'Oslo', country: 'NO' };
const current = {
  id: 'survivor',
  version: 3,
  givenName: 'Kari',
  email: 'kari@example.org',
  phone: '555 0100',
  addresses: { home, billing: { ...home, line1: 'Elsewhere 2' } },
  preferences: { 'news.weekly': true, language: 'no' },
  consents: {},
} as unknown as Customer;
const personal = { current, previous: { addresses: { home }, title: 'Ms' } };

const own = newPersonalDataKey();
const lender = (customerId: string, lent: Partial<Customer>) => ({
  customerId,
  key: newPersonalDataKey(),
  values: valuesOf(lent),
});
const one = lender('one', { email: 'kari@example.org', preferences: { 'news.weekly': true } });
const two = lender('two', { addresses: { home }, phone: '555 0199' });
const keys = new Map([one, two].map(({ customerId, key }) => [customerId, key]));

describe('personal data with values that came from others', () => {
  const jwe = sealByOrigin(personal, 'survivor', { own, lent: [one, two] });
  const opened = open(jwe, own);

  it('is what it was to whoever has all keys', () => {
    expect(lendersOf(opened)).toEqual(['one', 'two']);
    expect(withLent(opened, (kid) => keys.get(kid))).toEqual(personal);
  });

  it('shows the survivor’s key nothing of theirs, and all of its own', () => {
    const { lent: _sealed, ...alone } = opened as typeof personal & { lent: string[] };
    expect(alone).toEqual({
      current: {
        ...current,
        email: undefined,
        addresses: { billing: current.addresses.billing },
        preferences: { language: 'no' },
      },
      previous: { addresses: {}, title: 'Ms' },
    });
    expect(withLent(opened, () => undefined)).toEqual(alone);
  });

  it('keeps what one lent when the other is erased', () => {
    const left = withLent(opened, (kid) => (kid === 'two' ? two.key : undefined)) as typeof personal;
    expect([left.current.addresses, left.current.email]).toEqual([current.addresses, undefined]);
  });

  it('leaves a value of the survivor’s own alone where it differs from what was lent', () => {
    expect((open(jwe, own) as typeof personal).current.phone).toBe('555 0100');
  });

  it('is sealed as ever where nothing was lent', () => {
    expect(open(sealByOrigin(personal, 'survivor', { own, lent: [] }), own)).toEqual(personal);
    const unrelated = { own, lent: [lender('three', { email: 'else@example.org' })] };
    expect(open(sealByOrigin(personal, 'survivor', unrelated), own)).toEqual(personal);
  });

  it.each([[{ lent: 'x' }], [{ lent: [1] }], [{ lent: ['no JWE'] }]])('refuses %j', (wrong) => {
    expect(() => withLent(wrong, () => own)).toThrow(UnsealError);
  });
});
