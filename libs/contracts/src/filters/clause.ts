import { type FilterableEvent, type FilterKey, filterKeyOf, valueBelow } from './filter-key.js';
import { type AdvancedFilter, valuesOf } from './filter-schema.js';
import { comparisons, type ComparingOperator, type OperatorType } from './operators.js';

/** What came of one filter. */
export interface Explained {
  operatorType: OperatorType;
  key: string;
  matched: boolean;
  /** What the event has there, such as `"addresses.home"` or `missing`; of personal data the type alone. */
  found: string;
}

/** One filter, compiled. */
export interface Clause {
  key: FilterKey;
  /** @param attribute whether the value is a context attribute, whose numbers and booleans are text as well */
  matches: (value: unknown, attribute?: boolean) => boolean;
  matchesBelow: (data: unknown) => boolean;
  explain: (event: FilterableEvent) => Explained;
}

export function clauseOf(filter: AdvancedFilter, arrays: boolean): Clause {
  const key = filterKeyOf(filter.key);
  if (!key) throw new Error('a key is checked before it is compiled');
  const matches = testOf(filter, arrays);
  const matchesBelow = (data: unknown): boolean =>
    key.from !== 'attributes' && matches(valueBelow(data, key.path));
  return {
    key,
    matches,
    matchesBelow,
    explain: ({ attribute, data }) => {
      const isAttribute = key.from === 'attributes';
      const value = isAttribute ? attribute(key.name) : valueBelow(data, key.path);
      const { operatorType } = filter;
      const found = described(value, key.from === 'personal');
      return { operatorType, key: filter.key, matched: matches(value, isAttribute), found };
    },
  };
}

function testOf(filter: AdvancedFilter, arrays: boolean): Clause['matches'] {
  const { operatorType } = filter;
  if (operatorType === 'IsNullOrUndefined') return (value) => value === undefined || value === null;
  if (operatorType === 'IsNotNull') return (value) => value !== undefined && value !== null;
  const { compare, negative, whenMissing } = comparisons[operatorType];
  const operands = valuesOf(filter).map(folded);
  const compares = (value: unknown): boolean => {
    const given = folded(value);
    return operands.some((operand) => compare(given, operand));
  };
  const asText = isAboutText(operatorType);
  return (value, attribute = false) => {
    if (value === undefined || value === null) return whenMissing;
    // Microsoft's pseudo code: an element of another type is passed over, and one that compares decides.
    if (arrays && Array.isArray(value)) return value.some(compares) !== negative;
    return compares(attribute && asText ? canonical(value) : value) !== negative;
  };
}

const isAboutText = (operatorType: ComparingOperator): boolean => operatorType.startsWith('String');

const folded = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);

/** An attribute as text (CloudEvents 1.0 §3.1): Event Grid compares an extension `5` with "5". */
const canonical = (value: unknown): unknown =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;

const longestFound = 100;

function described(value: unknown, personal: boolean): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (personal) return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > longestFound ? `${text.slice(0, longestFound).toWellFormed()}…` : text;
}
