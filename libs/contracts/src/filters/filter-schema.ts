import { z } from 'zod';
import { filterKeyOf } from './filter-key.js';
import { operators, operatorTypes } from './operators.js';

/** What Event Grid allows a subscription. */
export const filterLimits = { filters: 25, values: 25, characters: 512 } as const;

const key = z
  .string('must be text')
  .max(filterLimits.characters, `must be at most ${filterLimits.characters} characters`)
  .refine(
    (text) => filterKeyOf(text) !== undefined,
    'must name an attribute such as type or subject, or a member below data such as data.changed',
  );

const number = z.number('must be a number');
const text = z
  .string('must be text')
  .max(filterLimits.characters, `must be at most ${filterLimits.characters} characters`);
const range = z
  .tuple([number, number], 'must be a range [low, high]')
  .refine(([low, high]) => low <= high, 'must be a range [low, high] with low not above high');

const several = <T extends z.ZodType>(item: T) =>
  z
    .array(item, 'must be a list of values')
    .min(1, 'must hold a value')
    .max(filterLimits.values, `must be at most ${filterLimits.values} values`);

const strict = (what: string) => ({
  error: (issue: { code?: string | undefined; keys?: string[] }) =>
    issue.code === 'unrecognized_keys' ? `takes ${what}, and no ${issue.keys?.join(', ')}` : undefined,
});

export const advancedFilterSchema = z.preprocess(
  oneValue,
  z.discriminatedUnion(
    'operatorType',
    [
      z.strictObject(
        { operatorType: z.enum(operators.numbers), key, values: several(number) },
        strict('key and values'),
      ),
      z.strictObject(
        { operatorType: z.enum(operators.number), key, value: number },
        strict('key and one value'),
      ),
      z.strictObject(
        { operatorType: z.enum(operators.ranges), key, values: several(range) },
        strict('key and values'),
      ),
      z.strictObject(
        { operatorType: z.enum(operators.boolean), key, value: z.boolean('must be true or false') },
        strict('key and one value'),
      ),
      z.strictObject(
        { operatorType: z.enum(operators.strings), key, values: several(text) },
        strict('key and values'),
      ),
      z.strictObject({ operatorType: z.enum(operators.nothing), key }, strict('key alone')),
    ],
    {
      error: (issue) =>
        issue.code === 'invalid_union'
          ? `must be one of ${operatorTypes.join(', ')}`
          : 'must be an object with operatorType and key',
    },
  ),
);

export const advancedFiltersSchema = z
  .array(advancedFilterSchema, 'must be a list of filters')
  .max(filterLimits.filters, `must be at most ${filterLimits.filters} filters`)
  .refine(
    (filters) => filters.reduce((sum, filter) => sum + valuesOf(filter).length, 0) <= filterLimits.values,
    { message: `must be at most ${filterLimits.values} values over all filters`, when: noIssues },
  );

/** A filter as it has been checked; operators of one value have it in `value`. */
export type AdvancedFilter = z.output<typeof advancedFilterSchema>;

/** What a filter compares with; a range counts as one value. */
export function valuesOf(filter: AdvancedFilter): readonly unknown[] {
  if ('values' in filter) return filter.values;
  return 'value' in filter ? [filter.value] : [];
}

const takesOne: ReadonlySet<unknown> = new Set([...operators.number, ...operators.boolean]);

/** Azure writes `value` where an operator takes one; `values` with one in it means the same. */
function oneValue(filter: unknown): unknown {
  if (typeof filter !== 'object' || filter === null) return filter;
  const { values, ...rest } = filter as Record<string, unknown>;
  if (!takesOne.has(rest['operatorType']) || 'value' in rest) return filter;
  return Array.isArray(values) && values.length === 1 ? { ...rest, value: values[0] as unknown } : filter;
}

function noIssues({ issues }: { issues: readonly unknown[] }): boolean {
  return issues.length === 0;
}
