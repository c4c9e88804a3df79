import type { Primitive } from './filter.js';
import { SqlError, tokensOf, type Token } from './sql-tokens.js';

export type Expression =
  | { readonly kind: 'value'; readonly value: Primitive }
  | { readonly kind: 'property'; readonly scope: 'sys' | 'user'; readonly name: string }
  | { readonly kind: 'not' | 'minus' | 'plus'; readonly of: Expression }
  | { readonly kind: 'exists'; readonly of: Expression & { kind: 'property' } }
  | { readonly kind: 'isNull'; readonly of: Expression }
  | { readonly kind: 'in'; readonly of: Expression; readonly list: readonly Expression[] }
  | {
      readonly kind: 'like';
      readonly of: Expression;
      readonly pattern: Expression;
      readonly escape: Expression | undefined;
    }
  | { readonly kind: 'binary'; readonly sign: string; readonly left: Expression; readonly right: Expression };

const MAX_DEPTH = 64;
const comparisons = new Set(['=', '<>', '!=', '<', '<=', '>', '>=']);

/**
 * Azure's SQL filters, by descent:
 *
 *   or      = and {OR and}
 *   and     = not {AND not}
 *   not     = NOT not | test
 *   test    = sum [comparison sum | IS [NOT] NULL | [NOT] IN (sum {, sum}) | [NOT] LIKE sum [ESCAPE sum]]
 *   sum     = product {+|- product}
 *   product = unary {*|/|% unary}
 *   unary   = +|- unary | value | property | EXISTS (property) | (or)
 *
 * @throws SqlError
 */
export function parseSql(sql: string): Expression {
  return new SqlParser(tokensOf(sql)).whole();
}

class SqlParser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Expression {
    const expression = this.or();
    if (this.token.kind !== 'end') throw this.unexpected('an operator or the end');
    return expression;
  }

  private or(): Expression {
    if (++this.depth > MAX_DEPTH) throw new SqlError('the filter nests too deeply');
    let left = this.and();
    while (this.word('OR')) left = { kind: 'binary', sign: 'OR', left, right: this.and() };
    this.depth--;
    return left;
  }

  private and(): Expression {
    let left = this.not();
    while (this.word('AND')) left = { kind: 'binary', sign: 'AND', left, right: this.not() };
    return left;
  }

  private not(): Expression {
    let count = 0;
    while (this.word('NOT')) count++;
    const test = this.test();
    if (count === 0) return test;
    return count % 2 === 1 ? { kind: 'not', of: test } : { kind: 'not', of: { kind: 'not', of: test } };
  }

  private test(): Expression {
    const left = this.sum();
    if (this.token.kind === 'sign' && comparisons.has(this.token.value)) {
      const sign = this.next().value;
      return { kind: 'binary', sign: sign === '!=' ? '<>' : sign, left, right: this.sum() };
    }
    if (this.word('IS')) {
      const negated = this.word('NOT');
      this.expectWord('NULL');
      return negate(negated, { kind: 'isNull', of: left });
    }
    const negated = this.word('NOT');
    if (this.word('IN')) return negate(negated, { kind: 'in', of: left, list: this.list() });
    if (this.word('LIKE')) {
      const pattern = this.sum();
      return negate(negated, {
        kind: 'like',
        of: left,
        pattern,
        escape: this.word('ESCAPE') ? this.sum() : undefined,
      });
    }
    if (negated) throw this.unexpected('IN or LIKE');
    return left;
  }

  private list(): Expression[] {
    this.expect('(');
    const list = [this.sum()];
    while (this.sign(',')) list.push(this.sum());
    this.expect(')');
    return list;
  }

  private sum(): Expression {
    let left = this.product();
    for (let sign = this.oneOf('+', '-'); sign !== undefined; sign = this.oneOf('+', '-'))
      left = { kind: 'binary', sign, left, right: this.product() };
    return left;
  }

  private product(): Expression {
    let left = this.unary();
    for (let sign = this.oneOf('*', '/', '%'); sign !== undefined; sign = this.oneOf('*', '/', '%'))
      left = { kind: 'binary', sign, left, right: this.unary() };
    return left;
  }

  private unary(): Expression {
    const sign = this.oneOf('+', '-');
    if (sign !== undefined) {
      if (++this.depth > MAX_DEPTH) throw new SqlError('the filter nests too deeply');
      const of = this.unary();
      this.depth--;
      return { kind: sign === '-' ? 'minus' : 'plus', of };
    }
    if (this.sign('(')) {
      const inner = this.or();
      this.expect(')');
      return inner;
    }
    const { kind, value } = this.token;
    if (kind === 'number') return { kind: 'value', value: Number(this.next().value) };
    if (kind === 'text') return { kind: 'value', value: this.next().value };
    if (this.word('TRUE')) return { kind: 'value', value: true };
    if (this.word('FALSE')) return { kind: 'value', value: false };
    if (this.word('NULL')) return { kind: 'value', value: null };
    if (kind === 'word' && value === 'EXISTS' && this.tokens[this.at + 1]?.value === '(') {
      this.at += 2;
      const of = this.property();
      this.expect(')');
      return { kind: 'exists', of };
    }
    return this.property();
  }

  private property(): Expression & { kind: 'property' } {
    const first = this.identifier();
    if (!this.sign('.')) return { kind: 'property', scope: 'user', name: first.text };
    const scope = first.text.toLowerCase();
    if (scope !== 'sys' && scope !== 'user')
      throw new SqlError(`'${first.text}.' at ${first.at}: only sys. and user. are scopes`);
    return { kind: 'property', scope, name: this.identifier().text };
  }

  private identifier(): { text: string; at: number } {
    const { kind, at } = this.token;
    if (kind !== 'word' && kind !== 'name') throw this.unexpected('a value or a property');
    const { raw, value } = this.next();
    if (kind === 'word' && reserved.has(value))
      throw new SqlError(`'${raw}' at ${at} is no property; [${raw}] would be`);
    return { text: kind === 'word' ? raw : value, at };
  }

  private get token(): Token {
    return this.tokens[this.at] as Token;
  }

  private next(): Token {
    return this.tokens[this.at++] as Token;
  }

  private word(wanted: string): boolean {
    const found = this.token.kind === 'word' && this.token.value === wanted;
    if (found) this.at++;
    return found;
  }

  private expectWord(wanted: string): void {
    if (!this.word(wanted)) throw this.unexpected(wanted);
  }

  private sign(wanted: string): boolean {
    return this.oneOf(wanted) !== undefined;
  }

  private oneOf(...wanted: string[]): string | undefined {
    const { kind, value } = this.token;
    if (kind !== 'sign' || !wanted.includes(value)) return undefined;
    this.at++;
    return value;
  }

  private expect(wanted: string): void {
    if (!this.sign(wanted)) throw this.unexpected(`'${wanted}'`);
  }

  private unexpected(wanted: string): SqlError {
    return new SqlError(`${wanted} is expected at ${this.token.at}, not ${this.token.raw}`);
  }
}

const reserved = new Set(['AND', 'OR', 'NOT', 'IN', 'LIKE', 'ESCAPE', 'IS', 'NULL', 'TRUE', 'FALSE']);

const negate = (negated: boolean, of: Expression): Expression => (negated ? { kind: 'not', of } : of);
