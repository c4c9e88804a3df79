import { newPersonalDataKey, seal } from '../sealing/sealed-personal.js';
import { customerInputSchema } from './customer.js';

const valid = {
  accountNumber: 'AW00011000',
  givenName: 'JON',
  familyName: 'YANG',
  addresses: { home: { line1: '3761 N. 14th St', city: 'Rockhampton', country: 'AU' } },
};
const parse = (change: object) => customerInputSchema.safeParse({ ...valid, ...change });

describe('a customer as a client writes it', () => {
  it('trims values and keeps them as given otherwise', () => {
    expect(parse({ givenName: '  JON ', title: ' MR.' }).data).toMatchObject({
      givenName: 'JON',
      title: 'MR.',
    });
  });

  it.each([
    [{ familyName: '   ' }, 'familyName'],
    [{ givenName: undefined }, 'givenName'],
    [{ email: 'nobody' }, 'email'],
    [{ birthDate: '1966-02-30' }, 'birthDate'],
    [{ birthDate: '2999-01-01' }, 'birthDate'],
    [{ phone: '1'.repeat(41) }, 'phone'],
    [{ givenName: 'a\u0000b' }, 'givenName'],
    [{ givenName: '\ud800' }, 'givenName'],
    [{ addresses: { home: { line1: 'x', city: 'y', country: 'XX' } } }, 'addresses.home.country'],
    [{ addresses: { home: { line1: 'x', country: 'FR' } } }, 'addresses.home.city'],
    [{ addresses: { office: { line1: 'x', city: 'y', country: 'FR' } } }, 'addresses'],
    [{ version: 3 }, ''],
  ])('refuses %j at %s', (change, path) => {
    const { success, error } = parse(change);
    expect(success).toBe(false);
    expect(error?.issues[0]?.path.join('.')).toBe(path);
  });

  it('fits into one message at its largest, current and previous, sealed', () => {
    const long = '語'.repeat(500);
    const address = {
      line1: long.slice(0, 200),
      line2: long.slice(0, 200),
      city: long.slice(0, 100),
      country: 'JP',
    };
    const largest = parse({
      accountNumber: long.slice(0, 64),
      givenName: long.slice(0, 100),
      familyName: long.slice(0, 100),
      addresses: { home: address, billing: address, shipping: address },
      preferences: Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`p${n}`.padEnd(64, 'x'), long])),
    }).data;
    expect(largest).toBeDefined();
    const sealed = seal({ current: largest, previous: largest }, 'kid', newPersonalDataKey());
    expect(sealed.length).toBeLessThan(512 * 1024);
  });

  it('has no more preferences than that', () => {
    const preferences = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`p${n}`, n]));
    expect(parse({ preferences }).error?.issues[0]?.path).toEqual(['preferences']);
  });

  it('knows one zero', () => {
    expect(Object.is(parse({ preferences: { level: -0 } }).data?.preferences['level'], 0)).toBe(true);
  });
});
