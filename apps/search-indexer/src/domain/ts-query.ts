import type { SearchQuery, Term } from './search-query.js';

/** Words of the vocabulary that a misspelt word may have meant, and how near each is: 1 is the word itself. */
export type Spellings = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** How widely a query is read, from the narrowest. */
export type Width =
  | { width: 'exact' }
  | { width: 'prefix' }
  | { width: 'spelling'; spellings: Spellings }
  /** As spelling, and one of at least three terms may miss. */
  | { width: 'allButOne'; spellings: Spellings };

/** A prefix of one letter would gather a good part of the index, so would the first letters of an account number. */
const leastPrefix = { ofFew: 2, ofMany: 3 };
const leastAccountPrefix = 6;

/**
 * The query in PostgreSQL's tsquery syntax; '' when it asks for nothing. Operators come from here only: every word is
 * a quoted lexeme.
 */
export function tsQueryOf({ terms, filters, identifiers }: SearchQuery, width: Width): string {
  const alternatives = [
    ...allOf(terms, width),
    ...identifiers.map((key) => (key.startsWith('=p:') ? prefix(key) : lexeme(key))),
  ];
  const wanted = alternatives.length > 0 ? [`(${alternatives.join(' | ')})`] : [];
  return [...wanted, ...filters.map(lexeme)].join(' & ');
}

function allOf(terms: Term[], width: Width): string[] {
  const matchable =
    width.width === 'exact' ? terms : terms.filter((term) => isWideEnough(term, terms.length));
  const each = matchable.map((term) => termQuery(term, width));
  if (each.length === 0) return [];
  if (width.width !== 'allButOne' || each.length < 3) return [`(${each.join(' & ')})`];
  return each.map((_, left) => `(${each.filter((_, index) => index !== left).join(' & ')})`);
}

function isWideEnough({ word }: Term, count: number): boolean {
  return count === 1 || word.length >= (count === 2 ? leastPrefix.ofFew : leastPrefix.ofMany);
}

function termQuery({ word, account, phone, parts }: Term, width: Width): string {
  const exact = width.width === 'exact';
  const alternatives = [exact ? lexeme(word) : prefix(word)];
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
