import { correlates } from './correlation.js';
import { evaluate } from './sql-evaluate.js';
import type { FilterableMessage, Rule } from './filter.js';
import { parseSql, type Expression } from './sql-parser.js';

/** What a subscription has that says nothing: everything. */
export const matchAll: Rule = { name: '$Default', filter: { kind: 'sql', expression: '1=1' } };

const parsed = new WeakMap<Rule, Expression>();

/** Whether a rule wants a message; what SQL calls unknown is no. */
export function matches(rule: Rule, message: FilterableMessage): boolean {
  const { filter } = rule;
  if (filter.kind === 'correlation') return correlates(filter, message);
  let expression = parsed.get(rule);
  if (expression === undefined) parsed.set(rule, (expression = parseSql(filter.expression)));
  return evaluate(expression, message) === true;
}
