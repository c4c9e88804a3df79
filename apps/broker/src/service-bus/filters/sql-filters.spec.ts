import type { FilterableMessage } from './filter.js';
import { correlates } from './correlation.js';
import { evaluate } from './sql-evaluate.js';
import { parseSql } from './sql-parser.js';
import { SqlError } from './sql-tokens.js';

const message: FilterableMessage = {
  system: { messageid: 'm1', label: 'Order', correlationid: undefined },
  application: {
    colour: 'red',
    size: 10,
    weight: 2.5,
    urgent: true,
    empty: null,
    'a b': "it's",
    percent: '50%',
  },
};
const value = (sql: string) => evaluate(parseSql(sql), message);

describe('a SQL filter', () => {
  it.each([
    ["colour = 'red'", true],
    ["COLOUR = 'red'", true],
    ["colour <> 'red'", false],
    ["colour != 'blue'", true],
    ['size > 9 AND size <= 10', true],
    ['size < 9 OR urgent = TRUE', true],
    ["NOT colour = 'blue'", true],
    ["NOT (colour = 'red' OR size = 1)", false],
    ['size + 2 * 3 = 16', true],
    ['(size + 2) * 3 = 36', true],
    ['-size = -10', true],
    ['size % 3 = 1', true],
    ['weight / 2 = 1.25', true],
    ["colour IN ('blue', 'red')", true],
    ["colour NOT IN ('blue', 'green')", true],
    ["colour LIKE 'r%'", true],
    ["colour LIKE '_ed'", true],
    ["colour LIKE 'r_'", false],
    ["colour NOT LIKE '%x%'", true],
    ["percent LIKE '50!%' ESCAPE '!'", true],
    ["percent LIKE '%!%%' ESCAPE '!'", true],
    ['empty IS NULL', true],
    ['missing IS NULL', true],
    ['colour IS NOT NULL', true],
    ['EXISTS(colour)', true],
    ['EXISTS(missing)', false],
    ['NOT EXISTS(missing)', true],
    ["sys.Label = 'Order'", true],
    ["sys.MessageId LIKE 'm%'", true],
    ['EXISTS(sys.CorrelationId)', false],
    ["user.colour = 'red'", true],
    [`[a b] = 'it''s'`, true],
    [`"a b" = 'it''s'`, true],
    ['urgent', true],
    ['1=1', true],
    ['1=0', false],
    // What is unknown decides nothing.
    ["missing = 'x'", null],
    ["NOT missing = 'x'", null],
    ["missing = 'x' OR urgent", true],
    ["missing = 'x' AND NOT urgent", false],
    ["missing = 'x' AND urgent", null],
    ["size = '10'", null],
    ["colour IN ('blue', missing)", null],
    ['size / 0 = 1', null],
  ])('%s is %p', (sql, expected) => {
    expect(value(sql)).toBe(expected);
  });

  it.each([
    ['', 'is expected at 0'],
    ['size >', 'a value or a property is expected at 6'],
    ['size > 1 1', 'an operator or the end is expected at 8'],
    ["colour = 'red", 'is not understood'],
    ['(size = 1', "')' is expected"],
    ['other.size = 1', 'only sys. and user. are scopes'],
    ['size NOT 1', 'IN or LIKE is expected'],
    ['AND', 'is no property'],
    ['size = 1; DROP', "';"],
    ['('.repeat(500) + '1=1' + ')'.repeat(500), 'nests too deeply'],
    ['-'.repeat(500) + '1 = 1', 'nests too deeply'],
    [`colour = '${'x'.repeat(2_000)}'`, 'at most 1024 characters'],
  ])('%.20s is refused', (sql, said) => {
    expect(() => parseSql(sql)).toThrow(SqlError);
    expect(() => parseSql(sql)).toThrow(said);
  });

  it('is not slow on a pattern made for it', () => {
    const long: FilterableMessage = { system: {}, application: { text: 'a'.repeat(10_000) } };
    const started = performance.now();
    expect(evaluate(parseSql(`text LIKE '${'%a'.repeat(200)}b'`), long)).toBe(false);
    expect(performance.now() - started).toBeLessThan(10_000); // by backtracking, never
  });
});

describe('a correlation filter', () => {
  const filter = (system: Record<string, string>, properties = {}) => ({
    kind: 'correlation' as const,
    system,
    properties,
  });

  it('matches where everything it names is equal, case included', () => {
    expect(correlates(filter({ label: 'Order' }, { size: 10, urgent: true }), message)).toBe(true);
    expect(correlates(filter({ label: 'order' }), message)).toBe(false);
    expect(correlates(filter({}, { size: '10' }), message)).toBe(false);
    expect(correlates(filter({}, { missing: null }), message)).toBe(false);
    expect(correlates(filter({}), message)).toBe(true);
  });
});
