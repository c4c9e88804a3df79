import * as fc from 'fast-check';
import { openedDataMisfit } from './data-shape.js';
import { openedDataSchema } from './event-schemas.js';

const address = { line1: 'Storgata 1', city: 'Oslo', country: 'NO' };
const customer = {
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  version: 3,
  accountNumber: 'A-1',
  givenName: 'Kari',
  familyName: 'Nordmann',
  email: 'kari@example.org',
  addresses: { home: address },
  preferences: { language: 'no', news: true, pageSize: 20 },
  consents: { marketing: { granted: true, at: '2026-01-01T00:00:00Z' } },
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
};
const data = (current: object) => ({ changed: ['addresses.home'], personal: { current, previous: {} } });

describe('the form of opened data', () => {
  it('is taken as the schema publishes it, with members of a later day', () => {
    expect(openedDataSchema.safeParse(data(customer)).success).toBe(true);
    expect(openedDataMisfit(data(customer))).toBeUndefined();
    expect(openedDataMisfit(data({ ...customer, nickname: 'K' }))).toBeUndefined();
    const home = { ...address, floor: 3 };
    expect(openedDataMisfit(data({ ...customer, addresses: { home } }))).toBeUndefined();
    expect(openedDataMisfit({ changed: [], personal: null, erased: true })).toBeUndefined();
  });

  it.each<[what: string, data: unknown, misfit: string]>([
    ['no object', 'x', '/ must be an object'],
    ['no list of changes', { personal: null }, '/changed is missing'],
    ['a wrong change', { changed: [1], personal: null }, '/changed/0 must be text, and not empty'],
    ['no personal data', { changed: [] }, '/personal is missing'],
    ['personal data in a list', { changed: [], personal: [] }, '/personal must be an object'],
    ['half a customer', data({ id: customer.id }), '/personal/current/accountNumber is missing'],
    [
      'a number for a name',
      data({ ...customer, givenName: 7 }),
      '/personal/current/givenName must be text, and not empty',
    ],
    [
      'no whole number',
      data({ ...customer, version: 1.5 }),
      '/personal/current/version must be a whole number',
    ],
    [
      'an address without its city',
      data({ ...customer, addresses: { home: { ...address, city: undefined } } }),
      '/personal/current/addresses/home/city is missing',
    ],
    [
      'a consent without its answer, its name unsaid',
      data({ ...customer, consents: { marketing: { at: 'x' } } }),
      '/personal/current/consents/*/granted is missing',
    ],
    [
      'a wrong former name',
      { changed: [], personal: { current: customer, previous: { title: 1 } } },
      '/personal/previous/title must be text',
    ],
    ['erased, but how', { changed: [], personal: null, erased: 'yes' }, '/erased must be true'],
  ])('refuses %s', (_, given, misfit) => {
    expect(openedDataMisfit(given)).toBe(misfit);
    expect(openedDataSchema.safeParse(given).success).toBe(false);
  });

  it('is never refused in what zod makes of it', () => {
    const anything = fc.anything({ maxDepth: 2 });
    const names = fc.constantFrom(...Object.keys(customer), 'title', 'phone', 'birthDate');
    const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
    let taken = 0;
    fc.assert(
      fc.property(names, fc.oneof(anything, fc.string(), fc.constant(undefined)), (name, value) => {
        const given = data({ ...customer, [name]: value });
        const parsed = openedDataSchema.safeParse(given);
        if (!parsed.success) return;
        taken++;
        expect(openedDataMisfit(parsed.data)).toBeUndefined();
      }),
      { numRuns: 3_000, seed },
    );
    expect(taken).toBeGreaterThan(100);
  });
});
