import type { Customer } from '@app/contracts';
import { highlightsOf } from './highlights.js';
import { documentOf } from './search-document.js';
import { queryOf } from './search-query.js';

const { found } = documentOf({
  id: 'id',
  accountNumber: 'AW-00011000',
  title: 'Dr',
  givenName: 'Zoë Anne',
  familyName: "O'Brien",
  email: 'zoe@example.com',
  phone: '0161 496 0000',
  addresses: {
    home: { line1: '5 Hauptstraße', city: 'Haßloch', postalCode: 'SW1A 2AA', country: 'GB' },
    billing: { line1: '7 Zoe Lane', city: 'York', country: 'GB' },
  },
} as unknown as Customer);

/** The marked parts of each member, as a reader sees them. */
const marked = (q: string, spellings?: Map<string, Map<string, number>>) =>
  highlightsOf(found, queryOf({ q }), spellings).map(({ pointer, ranges }) => {
    const text = pointer
      .slice(1)
      .split('/')
      .reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], found) as string;
    return `${pointer}: ${ranges.map(([start, end]) => text.slice(start, end)).join(', ')}`;
  });

describe('highlights', () => {
  it.each([
    ['zoe', ['/givenName: Zoë', '/email: zoe', '/addresses/billing/line1: Zoe']],
    [
      'zo york',
      ['/givenName: Zo', '/email: zo', '/addresses/billing/line1: Zo', '/addresses/billing/city: York'],
    ],
    ['obrien', [`/familyName: O'Brien`]],
    ['brien', [`/familyName: O'Brien`]],
    ['hauptstrasse', ['/addresses/home/line1: Hauptstraße']],
    ['hauptstr', ['/addresses/home/line1: Hauptstraße']],
    ['ZOE@example.com', ['/email: zoe@example.com', '/givenName: Zoë', '/addresses/billing/line1: Zoe']],
    ['+44 161 496-0000', ['/phone: 0161 496 0000']],
    ['0000', ['/phone: 0161 496 0000']],
    ['aw00011000', ['/accountNumber: AW-00011000']],
    ['11000', ['/accountNumber: AW-00011000']],
    ['sw1a2aa', ['/addresses/home/postalCode: SW1A 2AA']],
    ['2aa sw1a', ['/addresses/home/postalCode: SW1A, 2AA']],
    ['nobody', []],
  ])('of %s', (q, expected) => {
    expect(new Set(marked(q))).toEqual(new Set(expected));
  });

  it('of a slip are what was meant', () => {
    expect(marked('yrok', new Map([['yrok', new Map([['york', 0.8]])]]))).toEqual([
      '/addresses/billing/city: York',
    ]);
  });
});
