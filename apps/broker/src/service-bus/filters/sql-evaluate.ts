import type { FilterableMessage, Primitive } from './filter.js';
import type { Expression } from './sql-parser.js';

/** What SQL calls unknown: NULL, a property that is not there, and whatever is done with either. */
const UNKNOWN = null;

/** The value of a filter for a message, in SQL's three-valued logic. */
export function evaluate(expression: Expression, message: FilterableMessage): Primitive {
  const value = (of: Expression) => evaluate(of, message);
  switch (expression.kind) {
    case 'value':
      return expression.value;
    case 'property':
      return propertyOf(expression, message) ?? UNKNOWN;
    case 'exists':
      return propertyOf(expression.of, message) !== undefined;
    case 'not': {
      const of = value(expression.of);
      return typeof of === 'boolean' ? !of : UNKNOWN;
    }
    case 'minus':
    case 'plus': {
      const of = value(expression.of);
      if (typeof of !== 'number') return UNKNOWN;
      return expression.kind === 'minus' ? -of : of;
    }
    case 'isNull':
      return value(expression.of) === UNKNOWN;
    case 'in':
      return isIn(value(expression.of), expression.list.map(value));
    case 'like': {
      const escape = expression.escape && value(expression.escape);
      return like(value(expression.of), value(expression.pattern), escape);
    }
    case 'binary':
      return binary(expression, value);
    default:
      return expression satisfies never;
  }
}

/** Names are compared whatever their case, as on Azure. Undefined = not there. */
function propertyOf(
  { scope, name }: Expression & { kind: 'property' },
  { system, application }: FilterableMessage,
): Primitive | undefined {
  const wanted = name.toLowerCase();
  if (scope === 'sys') return Object.hasOwn(system, wanted) ? system[wanted] : undefined;
  const found = Object.hasOwn(application, name)
    ? application[name]
    : Object.entries(application).find(([other]) => other.toLowerCase() === wanted)?.[1];
  if (found instanceof Date) return found.getTime();
  return ['string', 'number', 'boolean'].includes(typeof found) || found === null
    ? (found as Primitive)
    : undefined;
}

function binary(
  { sign, left, right }: Expression & { kind: 'binary' },
  value: (of: Expression) => Primitive,
): Primitive {
  const a = value(left);
  if (sign === 'AND' || sign === 'OR') {
    const decides = sign === 'OR';
    const b = value(right);
    if (a === decides || b === decides) return decides;
    return typeof a === 'boolean' && typeof b === 'boolean' ? !decides : UNKNOWN;
  }
  const b = value(right);
  if (a === UNKNOWN || b === UNKNOWN || typeof a !== typeof b) return UNKNOWN;
  return compared(sign, a, b) ?? calculated(sign, a, b);
}

type Known = NonNullable<Primitive>;

function compared(sign: string, a: Known, b: Known): boolean | undefined {
  switch (sign) {
    case '=':
      return a === b;
    case '<>':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      return undefined;
  }
}

function calculated(sign: string, a: Known, b: Known): Primitive {
  if (sign === '+' && typeof a === 'string') return a + String(b);
  if (typeof a !== 'number' || typeof b !== 'number') return UNKNOWN;
  const results: Record<string, number> = { '+': a + b, '-': a - b, '*': a * b, '/': a / b, '%': a % b };
  const result = results[sign] as number;
  return Number.isFinite(result) ? result : UNKNOWN;
}

function isIn(wanted: Primitive, list: readonly Primitive[]): Primitive {
  if (wanted === UNKNOWN) return UNKNOWN;
  if (list.includes(wanted)) return true;
  return list.includes(UNKNOWN) ? UNKNOWN : false;
}

/** `%` any text, `_` one character; whatever stands behind the escape character stands for itself. */
function like(text: Primitive, pattern: Primitive, escape: Primitive | undefined): Primitive {
  if (typeof text !== 'string' || typeof pattern !== 'string') return UNKNOWN;
  return likeFrom(Array.from(text), partsOf(pattern, escape));
}

type Part = { readonly any: true } | { readonly one: true } | { readonly character: string };

function partsOf(pattern: string, escape: Primitive | undefined): Part[] {
  const parts: Part[] = [];
  const characters = Array.from(pattern);
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] as string;
    if (character === escape && i + 1 < characters.length)
      parts.push({ character: characters[++i] as string });
    else if (character === '%') parts.push({ any: true });
    else parts.push(character === '_' ? { one: true } : { character });
  }
  return parts;
}

/** Goes back to the last `%` only: the time is that of text times pattern, whatever a client writes. */
function likeFrom(text: readonly string[], parts: readonly Part[]): boolean {
  let at = 0;
  let part = 0;
  let anyAt = -1;
  let resumeAt = 0;
  while (at < text.length) {
    const now = parts[part];
    if (now !== undefined && 'any' in now) {
      anyAt = part++;
      resumeAt = at;
    } else if (now !== undefined && ('one' in now || now.character === text[at])) {
      at++;
      part++;
    } else if (anyAt >= 0) {
      part = anyAt + 1;
      at = ++resumeAt;
    } else return false;
  }
  return parts.slice(part).every((rest) => 'any' in rest);
}
