import { correlates } from './correlation.js';
import { evaluate } from './sql-evaluate.js';
import { parseSql, type Expression } from './sql-parser.js';

export type Primitive = string | number | boolean | null;

/** What filters look at. */
export interface FilterableMessage {
  /** By lower-case name; undefined where the message does not say. */
  readonly system: Readonly<Record<string, string | undefined>>;
  readonly application: Readonly<Record<string, unknown>>;
}

export type Filter =
  | { readonly kind: 'sql'; readonly expression: string }
  | {
      readonly kind: 'correlation';
      /** By lower-case name, as in `FilterableMessage`. */
      readonly system: Readonly<Record<string, string>>;
      readonly properties: Readonly<Record<string, Primitive>>;
    };

/** A subscription gets a message that one of its rules matches. */
export interface Rule {
  readonly name: string;
  readonly filter: Filter;
}

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
