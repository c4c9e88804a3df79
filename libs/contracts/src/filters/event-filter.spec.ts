import { type AdvancedFilterInput, EventFilter, FilterError } from './event-filter.js';
import { type OperatorType, operatorTypes } from './operators.js';

const attributes: Record<string, unknown> = {
  id: 'E-1',
  type: 'AddressChanged',
  source: '/profile',
  subject: 'abc',
  customerversion: 5,
};
const data = {
  n: 5,
  s: 'Oslo',
  b: true,
  nothing: null,
  numbers: [1, 5],
  words: ['addresses.home', 'Phone'],
  mixed: ['x', 7],
  none: [],
  objects: [{ n: 5 }],
  deep: { er: { s: 'x' } },
  personal: { current: { addresses: { home: { city: 'Tromsø' } } } },
};
const event = { attribute: (name: string) => attributes[name], data };
const matches = (filters: readonly AdvancedFilterInput[], options = {}) =>
  EventFilter.compile(filters, options).matches(event);

type Case = [operatorType: OperatorType, key: string, operand: unknown, expected: boolean];
const cases: Case[] = [
  ['NumberIn', 'data.n', [1, 5], true],
  ['NumberIn', 'data.n', [1, 2], false],
  ['NumberIn', 'data.s', [5], false],
  ['NumberIn', 'data.missing', [5], false],
  ['NumberIn', 'data.numbers', [5, 9], true],
  ['NumberIn', 'data.mixed', [7], true],
  ['NumberIn', 'customerversion', [5], true],
  ['NumberNotIn', 'data.n', [1, 2], true],
  ['NumberNotIn', 'data.n', [1, 5], false],
  ['NumberNotIn', 'data.missing', [5], true],
  ['NumberNotIn', 'data.nothing', [5], true],
  ['NumberNotIn', 'data.numbers', [5], false],
  ['NumberNotIn', 'data.numbers', [9], true],
  ['NumberLessThan', 'data.n', 6, true],
  ['NumberLessThan', 'data.n', 5, false],
  ['NumberLessThan', 'data.missing', 5, false],
  ['NumberLessThan', 'data.numbers', 2, true],
  ['NumberLessThanOrEquals', 'data.n', 5, true],
  ['NumberLessThanOrEquals', 'data.n', 4, false],
  ['NumberGreaterThan', 'data.n', 4, true],
  ['NumberGreaterThan', 'data.n', 5, false],
  ['NumberGreaterThan', 'data.s', 1, false],
  ['NumberGreaterThanOrEquals', 'data.n', 5, true],
  ['NumberGreaterThanOrEquals', 'data.n', 6, false],
  [
    'NumberInRange',
    'data.n',
    [
      [0, 1],
      [5, 6],
    ],
    true,
  ],
  ['NumberInRange', 'data.n', [[6, 7]], false],
  ['NumberInRange', 'data.missing', [[0, 9]], false],
  ['NumberNotInRange', 'data.n', [[6, 7]], true],
  ['NumberNotInRange', 'data.n', [[4, 5]], false],
  ['NumberNotInRange', 'data.missing', [[4, 5]], false],
  ['NumberNotInRange', 'data.numbers', [[4, 5]], false],
  ['BoolEquals', 'data.b', true, true],
  ['BoolEquals', 'data.b', false, false],
  ['BoolEquals', 'data.missing', false, false],
  ['BoolEquals', 'data.s', true, false],
  ['StringContains', 'data.s', ['SL', 'x'], true],
  ['StringContains', 'data.s', ['x'], false],
  ['StringContains', 'data.n', ['5'], false],
  ['StringContains', 'data.words', ['HOME'], true],
  ['StringContains', 'data.missing', [''], false],
  ['StringNotContains', 'data.s', ['x'], true],
  ['StringNotContains', 'data.s', ['x', 'LO'], false],
  ['StringNotContains', 'data.missing', ['x'], false],
  ['StringNotContains', 'data.words', ['home'], false],
  ['StringNotContains', 'data.none', ['x'], true],
  ['StringBeginsWith', 'data.s', ['os'], true],
  ['StringBeginsWith', 'data.s', ['lo'], false],
  ['StringBeginsWith', 'type', ['address'], true],
  ['StringBeginsWith', 'customerversion', ['5'], true],
  ['StringNotBeginsWith', 'data.s', ['lo'], true],
  ['StringNotBeginsWith', 'data.s', ['OS'], false],
  ['StringNotBeginsWith', 'data.missing', ['x'], false],
  ['StringEndsWith', 'data.s', ['LO'], true],
  ['StringEndsWith', 'data.s', ['os'], false],
  ['StringNotEndsWith', 'data.s', ['os'], true],
  ['StringNotEndsWith', 'data.s', ['lo'], false],
  ['StringNotEndsWith', 'data.missing', ['x'], false],
  ['StringIn', 'data.s', ['oslo', 'Bergen'], true],
  ['StringIn', 'data.s', ['osl'], false],
  ['StringIn', 'data.words', ['phone'], true],
  ['StringIn', 'data.deep.er.s', ['X'], true],
  ['StringIn', 'data.objects.n', ['5'], false],
  ['StringIn', 'data.constructor', ['x'], false],
  ['StringIn', 'Subject', ['ABC'], true],
  ['StringIn', 'EventType', ['addresschanged'], true],
  ['StringNotIn', 'data.s', ['Bergen'], true],
  ['StringNotIn', 'data.s', ['OSLO'], false],
  ['StringNotIn', 'data.missing', ['x'], true],
  ['StringNotIn', 'noattribute', ['x'], true],
  ['IsNullOrUndefined', 'data.missing', undefined, true],
  ['IsNullOrUndefined', 'data.nothing', undefined, true],
  ['IsNullOrUndefined', 'data.n', undefined, false],
  ['IsNotNull', 'data.n', undefined, true],
  ['IsNotNull', 'data.none', undefined, true],
  ['IsNotNull', 'data.nothing', undefined, false],
  ['IsNotNull', 'data.missing', undefined, false],
];

function filterOf(operatorType: OperatorType, key: string, operand: unknown): AdvancedFilterInput {
  if (operand === undefined) return { operatorType, key };
  return Array.isArray(operand)
    ? { operatorType, key, values: operand }
    : { operatorType, key, value: operand };
}

describe('advanced filters', () => {
  it.each(cases)('%s on %s with %j: %s', (operatorType, key, operand, expected) => {
    expect(matches([filterOf(operatorType, key, operand)])).toBe(expected);
  });

  it('are tried for every operator', () => {
    expect(new Set(cases.map(([operatorType]) => operatorType))).toEqual(new Set(operatorTypes));
  });

  it('must all match, and none matches everything', () => {
    const inOslo: AdvancedFilterInput = { operatorType: 'StringIn', key: 'data.s', values: ['Oslo'] };
    const ofSix: AdvancedFilterInput = { operatorType: 'NumberIn', key: 'data.n', values: [6] };
    expect(matches([inOslo])).toBe(true);
    expect(matches([inOslo, ofSix])).toBe(false);
    expect(matches([])).toBe(true);
  });

  it('take an array for no value at all where arrays are off', () => {
    const home: AdvancedFilterInput = {
      operatorType: 'StringIn',
      key: 'data.words',
      values: ['addresses.home'],
    };
    expect(matches([home], { arrays: false })).toBe(false);
  });

  it('are asked part by part, personal data last', () => {
    const filter = EventFilter.compile([
      { operatorType: 'StringIn', key: 'type', values: ['AddressChanged'] },
      { operatorType: 'NumberIn', key: 'data.n', values: [5] },
      { operatorType: 'StringIn', key: 'data.personal.current.addresses.home.city', values: ['TROMSØ'] },
    ]);
    expect(filter.needsOpened).toBe(true);
    const sealed = { ...data, personal: 'sealed' };
    expect([
      filter.matchesAttributes(event.attribute),
      filter.matchesData(sealed),
      filter.matchesPersonal(sealed),
      filter.matchesPersonal(data),
      filter.matchesPersonal({ ...data, personal: null }),
    ]).toEqual([true, true, false, true, false]);
  });

  it('tell which of them matched, and repeat no personal data', () => {
    const filter = EventFilter.compile([
      { operatorType: 'StringIn', key: 'data.words', values: ['phone'] },
      { operatorType: 'StringIn', key: 'data.personal.current.addresses.home.city', values: ['Oslo'] },
      { operatorType: 'NumberLessThan', key: 'data.missing', value: 1 },
    ]);
    expect(filter.explain(event)).toEqual({
      matched: false,
      filters: [
        {
          operatorType: 'StringIn',
          key: 'data.words',
          matched: true,
          found: '["addresses.home","Phone"]',
        },
        {
          operatorType: 'StringIn',
          key: 'data.personal.current.addresses.home.city',
          matched: false,
          found: 'a value of type string',
        },
        { operatorType: 'NumberLessThan', key: 'data.missing', matched: false, found: 'missing' },
      ],
    });
  });
});

const wrong = (filters: unknown): string => {
  try {
    EventFilter.compile(filters as AdvancedFilterInput[]);
    return 'accepted';
  } catch (error) {
    if (error instanceof FilterError) return error.message;
    throw error;
  }
};
const values = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('filters that are wrong', () => {
  it.each<[what: string, filters: unknown, message: string | RegExp]>([
    ['no list', {}, '/ must be a list of filters'],
    ['no object', ['x'], '/0 must be an object with operatorType and key'],
    [
      'an unknown operator',
      [{ operatorType: 'Equals', key: 'type', values: ['x'] }],
      /^\/0\/operatorType must be one of NumberIn, NumberNotIn, .*, IsNotNull$/,
    ],
    [
      'a key of nothing',
      [{ operatorType: 'IsNotNull', key: 'personal.x' }],
      '/0/key must name an attribute such as type or subject, or a member below data such as data.changed',
    ],
    ['an empty member', [{ operatorType: 'IsNotNull', key: 'data..x' }], /^\/0\/key must name/],
    ['no values', [{ operatorType: 'StringIn', key: 'type' }], '/0/values must be a list of values'],
    ['an empty list', [{ operatorType: 'StringIn', key: 'type', values: [] }], '/0/values must hold a value'],
    [
      'text for a number',
      [{ operatorType: 'NumberIn', key: 'type', values: ['5'] }],
      '/0/values/0 must be a number',
    ],
    [
      'several where one is taken',
      [{ operatorType: 'NumberLessThan', key: 'data.n', values: [1, 2] }],
      /\/0 takes key and one value, and no values/,
    ],
    [
      'a value that nothing looks at',
      [{ operatorType: 'IsNotNull', key: 'data.n', values: [1] }],
      '/0 takes key alone, and no values',
    ],
    [
      'a range upside down',
      [{ operatorType: 'NumberInRange', key: 'data.n', values: [[2, 1]] }],
      '/0/values/0 must be a range [low, high] with low not above high',
    ],
    [
      'a long value',
      [{ operatorType: 'StringIn', key: 'type', values: ['x'.repeat(513)] }],
      '/0/values/0 must be at most 512 characters',
    ],
    [
      '26 filters',
      values(26).map(() => ({ operatorType: 'IsNotNull', key: 'type' })),
      '/ must be at most 25 filters',
    ],
    [
      '26 values in one',
      [{ operatorType: 'NumberIn', key: 'data.n', values: values(26) }],
      '/0/values must be at most 25 values',
    ],
    [
      '26 values in two',
      [13, 13].map((count) => ({ operatorType: 'NumberIn', key: 'data.n', values: values(count) })),
      '/ must be at most 25 values over all filters',
    ],
  ])('%s', (_, filters, message) => {
    expect(wrong(filters)).toMatch(message);
  });

  it('are none with 25 filters, 25 values or 512 characters', () => {
    expect(wrong(values(25).map(() => ({ operatorType: 'IsNotNull', key: 'type' })))).toBe('accepted');
    expect(wrong([{ operatorType: 'NumberIn', key: 'data.n', values: values(25) }])).toBe('accepted');
    expect(wrong([{ operatorType: 'StringIn', key: 'type', values: ['x'.repeat(512)] }])).toBe('accepted');
    expect(wrong([{ operatorType: 'NumberLessThan', key: 'data.n', values: [1] }])).toBe('accepted');
  });
});
