/**
 * The operators of Event Grid's advanced filters (Microsoft's documentation, "Understand event filtering for Event Grid
 * subscriptions"), by what they compare an event's value with.
 */
export const operators = {
  numbers: ['NumberIn', 'NumberNotIn'],
  number: ['NumberLessThan', 'NumberLessThanOrEquals', 'NumberGreaterThan', 'NumberGreaterThanOrEquals'],
  ranges: ['NumberInRange', 'NumberNotInRange'],
  boolean: ['BoolEquals'],
  strings: [
    'StringContains',
    'StringNotContains',
    'StringBeginsWith',
    'StringNotBeginsWith',
    'StringEndsWith',
    'StringNotEndsWith',
    'StringIn',
    'StringNotIn',
  ],
  nothing: ['IsNullOrUndefined', 'IsNotNull'],
} as const;

export type OperatorType = (typeof operators)[keyof typeof operators][number];

export const operatorTypes: readonly OperatorType[] = Object.values(operators).flat();

/** One value of an event, a string in lower case, against one value of the filter, a string in lower case, too. */
export type Compare = (value: unknown, operand: unknown) => boolean;

const numberTest =
  (test: (value: number, operand: number) => boolean): Compare =>
  (value, operand) =>
    typeof value === 'number' && test(value, operand as number);

const stringTest =
  (test: (value: string, operand: string) => boolean): Compare =>
  (value, operand) =>
    typeof value === 'string' && test(value, operand as string);

const within: Compare = (value, operand) => {
  const [low, high] = operand as [number, number];
  return typeof value === 'number' && value >= low && value <= high;
};
const equal: Compare = (value, operand) => value === operand;
const contains = stringTest((value, operand) => value.includes(operand));
const beginsWith = stringTest((value, operand) => value.startsWith(operand));
const endsWith = stringTest((value, operand) => value.endsWith(operand));

interface Operator {
  compare: Compare;
  /** Holds when no value compares. */
  negative: boolean;
  /** Whether an event without the key matches. */
  whenMissing: boolean;
}

const positive = (compare: Compare): Operator => ({ compare, negative: false, whenMissing: false });
/** Of the negative operators only the two NotIn match an event that lacks the key. */
const negative = (compare: Compare, whenMissing = false): Operator => ({
  compare,
  negative: true,
  whenMissing,
});

export type ComparingOperator = Exclude<OperatorType, (typeof operators.nothing)[number]>;

export const comparisons: Readonly<Record<ComparingOperator, Operator>> = {
  NumberIn: positive(equal),
  NumberNotIn: negative(equal, true),
  NumberLessThan: positive(numberTest((value, operand) => value < operand)),
  NumberLessThanOrEquals: positive(numberTest((value, operand) => value <= operand)),
  NumberGreaterThan: positive(numberTest((value, operand) => value > operand)),
  NumberGreaterThanOrEquals: positive(numberTest((value, operand) => value >= operand)),
  NumberInRange: positive(within),
  NumberNotInRange: negative(within),
  BoolEquals: positive(equal),
  StringContains: positive(contains),
  StringNotContains: negative(contains),
  StringBeginsWith: positive(beginsWith),
  StringNotBeginsWith: negative(beginsWith),
  StringEndsWith: positive(endsWith),
  StringNotEndsWith: negative(endsWith),
  StringIn: positive(equal),
  StringNotIn: negative(equal, true),
};
