import { documentOf } from './search-document.js';
import { rank } from './ranking.js';
import { queryOf } from './search-query.js';
import type { Customer } from '@app/contracts';

let serial = 0;
function candidate(customer: Partial<Customer>) {
  const id = `id-${String(++serial).padStart(3, '0')}`;
  const whole = {
    id,
    accountNumber: `N${serial}`,
    givenName: '',
    familyName: '',
    addresses: {},
    ...customer,
  };
  return { ...documentOf(whole as Customer), id };
}

const jonYang = candidate({
  givenName: 'JON',
  familyName: 'YANG',
  email: 'jon24@example.com',
  phone: '+1 500 555-0162',
});
const yangJon = candidate({ givenName: 'Yang', familyName: 'Jon', accountNumber: 'AW00011000' });
const jonathanYang = candidate({ givenName: 'Jonathan', familyName: 'Yang' });
const jonYangPaul = candidate({ givenName: 'Jon Paul', familyName: 'Yang' });
const yangStreet = candidate({
  givenName: 'Jon',
  familyName: 'Smith',
  addresses: { home: { line1: '1 Yang Street', city: 'Perth', country: 'AU' } },
});
const everybody = [yangStreet, jonathanYang, jonYangPaul, yangJon, jonYang];

const ids = (q: string, spelt?: Map<string, Map<string, number>>) =>
  rank(queryOf({ q }), everybody, spelt).map(({ id }) => id);

describe('rank', () => {
  it('puts the whole name first, then what has more to it, then the address, then the prefix', () => {
    expect(ids('jon yang')).toEqual([jonYang.id, yangJon.id, jonYangPaul.id, yangStreet.id, jonathanYang.id]);
  });

  it('does not mind the order of the words', () => expect(ids('yang jon')).toEqual(ids('jon yang')));

  it.each([
    ['AW-00011000', yangJon.id],
    ['jon24@example.com', jonYang.id],
    ['500 555 0162', jonYang.id],
  ])('gives the identifier %s the full score', (q, id) => {
    expect(rank(queryOf({ q }), everybody)[0]).toEqual({ id, score: 1 });
  });

  it('puts the account number before a telephone number that ends so', () => {
    const account = candidate({ accountNumber: 'AW01850555' });
    const phone = candidate({ phone: '+44 161 1850555' });
    expect(rank(queryOf({ q: '01850555' }), [phone, account]).map(({ id }) => id)).toEqual([
      account.id,
      phone.id,
    ]);
  });

  it('gives words less than an identifier, and a slip less than a prefix', () => {
    const [exact] = rank(queryOf({ q: 'jon yang' }), [jonYang]);
    const [prefix] = rank(queryOf({ q: 'jon yan' }), [jonYang]);
    const [slip] = rank(queryOf({ q: 'jon yagn' }), [jonYang], new Map([['yagn', new Map([['yang', 0.8]])]]));
    expect(exact?.score).toBe(0.9999);
    expect(prefix?.score).toBeLessThan(0.9999);
    expect(slip?.score).toBeLessThan(prefix?.score ?? 0);
  });

  it('leaves out who has nothing of it', () => expect(ids('nobody')).toEqual([]));

  it('keeps equals in the order of their ids', () => {
    expect(ids('jon yang').slice(0, 2)).toEqual([jonYang.id, yangJon.id]);
  });
});
