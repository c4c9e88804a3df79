import type { SearchQuery, Term } from './search-query.js';

/** Words of the vocabulary that a misspelt word may have meant, and how near each is: 1 is the word itself. */
export type Spellings = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * What one or two letters may be the beginning of: the words themselves, because the customers of all of them, as an index
 * finds beginnings, would be a good part of everybody.
 */
export type Beginnings = ReadonlyMap<string, readonly string[]>;

/** How widely a query is read, from the narrowest. */
export type Width =
  /** The whole text taken as an account number, an e-mail address or a telephone number. */
  | { width: 'identifier' }
  /** Every word a name, in the index of names. First: a thousand who live in a Paris Street must not hide who is called Paris. */
  | { width: 'name' }
  | { width: 'exact' }
  /** Every word the beginning of a name, in the same index. */
  | { width: 'namePrefix'; beginnings: Beginnings }
  | { width: 'prefix'; beginnings: Beginnings }
  | { width: 'spelling'; spellings: Spellings }
  /** As spelling, and one of at least three terms may miss. */
  | { width: 'allButOne'; spellings: Spellings };

/** The words that are looked for by what they may begin. */
export function shortWordsOf({ terms }: SearchQuery): string[] {
  return terms.map(({ word }) => word).filter((word) => /^\p{L}{1,2}$/u.test(word));
}

/** A prefix of one letter would gather a good part of the index, so would the first letters of an account number. */
const leastPrefix = { ofFew: 2, ofMany: 3 };
const leastAccountPrefix = 6;
const leastSpeltPrefix = 4;
export const termsOfWhichOneMayMiss = 3;

/**
 * The query in PostgreSQL's tsquery syntax; '' when it asks for nothing. Operators come from here only: every word is
 * a quoted lexeme.
 */
export function tsQueryOf({ terms, filters, identifiers }: SearchQuery, width: Width): string {
  const alternatives =
    width.width === 'identifier'
      ? identifiers.map((key) => (key.startsWith('=p:') ? prefix(key) : lexeme(key)))
      : allOf(terms, width);
  if (alternatives.length === 0) return '';
  return [`(${alternatives.join(' | ')})`, ...filters.map(lexeme)].join(' & ');
}

/** Everybody whom the filters leave, in the same syntax. */
export function filterQueryOf({ filters }: Pick<SearchQuery, 'filters'>): string {
  return filters.map(lexeme).join(' & ');
}

function allOf(terms: Term[], width: Width): string[] {
  const matchable = isExact(width) ? terms : terms.filter((term) => isWideEnough(term, terms.length));
  const each = matchable.map((term) => termQuery(term, width));
  if (each.length === 0) return [];
  if (width.width !== 'allButOne' || each.length < termsOfWhichOneMayMiss) return [`(${each.join(' & ')})`];
  return each.map((_, left) => `(${each.filter((_, index) => index !== left).join(' & ')})`);
}

function isWideEnough({ word }: Term, count: number): boolean {
  return count === 1 || word.length >= (count === 2 ? leastPrefix.ofFew : leastPrefix.ofMany);
}

const isExact = ({ width }: Width): boolean => width === 'name' || width === 'exact';

function termQuery({ word, account, phone, parts }: Term, width: Width): string {
  if (width.width === 'name') return lexeme(word);
  const short = 'beginnings' in width ? width.beginnings.get(word) : undefined;
  if (short) {
    return `(${[word, ...short].map(lexeme).join(' | ')})`;
  }
  if (width.width === 'namePrefix') return prefix(word);
  const exact = isExact(width);
  // Among several words that may be misspelt, the beginnings of a short one would gather a good part of the index.
  const whole = exact || ('spellings' in width && word.length < leastSpeltPrefix);
  const alternatives = [whole ? lexeme(word) : prefix(word)];
  if (account !== undefined) {
    alternatives.push(exact || word.length < leastAccountPrefix ? lexeme(account) : prefix(account));
  }
  if (phone !== undefined) alternatives.push(prefix(phone));
  if (parts !== undefined && parts.length > 1) alternatives.push(`(${parts.map(lexeme).join(' & ')})`);
  if ('spellings' in width) {
    for (const meant of width.spellings.get(word)?.keys() ?? []) alternatives.push(lexeme(meant));
  }
  return `(${alternatives.join(' | ')})`;
}

const prefix = (text: string): string => `${lexeme(text)}:*`;

function lexeme(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
