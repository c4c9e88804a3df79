import * as fc from 'fast-check';
import { type AdvancedFilterInput, EventFilter } from './event-filter.js';
import { operators } from './operators.js';

/**
 * Microsoft's pseudo code, word by word: for each value of the filter and each of the event, the first that compares
 * decides, MATCH for an operator and FAIL_MATCH for its Not.
 */
function modelled(filter: AdvancedFilterInput, data: Record<string, unknown>): boolean {
  const { operatorType, key } = filter;
  const given = data[key.slice('data.'.length)];
  if (operatorType === 'IsNullOrUndefined') return given === undefined || given === null;
  if (operatorType === 'IsNotNull') return !(given === undefined || given === null);
  if (given === undefined || given === null) return ['NumberNotIn', 'StringNotIn'].includes(operatorType);
  const negative = operatorType.includes('Not');
  for (const operand of filter.values ?? [filter.value]) {
    for (const value of Array.isArray(given) ? (given as unknown[]) : [given]) {
      if (compared(operatorType.replace('Not', ''), value, operand)) return !negative;
    }
  }
  return negative;
}

function compared(operatorType: string, value: unknown, operand: unknown): boolean {
  if (operatorType.startsWith('Number')) {
    if (typeof value !== 'number') return false;
    if (operatorType === 'NumberIn') return value === operand;
    if (operatorType === 'NumberInRange') {
      const [low, high] = operand as number[];
      return !(value < Number(low)) && !(value > Number(high));
    }
    const difference = value - Number(operand);
    if (operatorType.endsWith('OrEquals') && difference === 0) return true;
    return operatorType.startsWith('NumberLess') ? difference < 0 : difference > 0;
  }
  if (operatorType === 'BoolEquals') return typeof value === 'boolean' && value === operand;
  if (typeof value !== 'string') return false;
  const [text, wanted] = [value.toUpperCase(), String(operand).toUpperCase()];
  if (operatorType === 'StringIn') return text === wanted;
  const at = operatorType === 'StringEndsWith' ? text.lastIndexOf(wanted) : text.indexOf(wanted);
  if (operatorType === 'StringBeginsWith') return at === 0;
  return operatorType === 'StringEndsWith' ? at >= 0 && at + wanted.length === text.length : at >= 0;
}

const number = fc.integer({ min: -3, max: 3 });
const text = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'B'), maxLength: 4 });
const scalar = fc.oneof(number, text, fc.boolean(), fc.constant(null));
const data = fc.dictionary(
  fc.constantFrom('a', 'b', 'c'),
  fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })),
);
const key = fc.constantFrom('data.a', 'data.b', 'data.c');
const list = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 4 });
const range = fc.tuple(number, number).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
const filter: fc.Arbitrary<AdvancedFilterInput> = fc.oneof(
  fc.record({ operatorType: fc.constantFrom(...operators.numbers), key, values: list(number) }),
  fc.record({ operatorType: fc.constantFrom(...operators.number), key, value: number }),
  fc.record({ operatorType: fc.constantFrom(...operators.ranges), key, values: list(range) }),
  fc.record({ operatorType: fc.constantFrom(...operators.boolean), key, value: fc.boolean() }),
  fc.record({ operatorType: fc.constantFrom(...operators.strings), key, values: list(text) }),
  fc.record({ operatorType: fc.constantFrom(...operators.nothing), key }),
);

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

describe(`advanced filters beside a naive model (SEED=${seed})`, () => {
  it('decide alike', () => {
    const seen = { true: 0, false: 0 };
    fc.assert(
      fc.property(fc.array(filter, { maxLength: 3 }), data, (filters, members) => {
        const expected = filters.every((one) => modelled(one, members));
        seen[`${expected}`]++;
        const event = { attribute: () => undefined, data: members };
        const compiled = EventFilter.compile(filters);
        expect(compiled.matches(event)).toBe(expected);
        expect(compiled.explain(event).matched).toBe(expected);
      }),
      { numRuns: 5_000, seed },
    );
    expect(Math.min(seen.true, seen.false)).toBeGreaterThan(500);
  });
});
