import type { SearchQuery, Term } from './search-query.js';
import type { Spellings } from './ts-query.js';

/** A customer that the index offers for a query. */
export interface Candidate {
  id: string;
  nameWords: string[];
  /** Every word and key; absent where the names are enough to tell what it is worth. */
  words?: string[];
  /** Every term is there as it was typed. */
  exact?: boolean;
}

export interface Ranked {
  id: string;
  /** 0 to 1, four decimals. */
  score: number;
}

/** What a term is worth by where and how it matches: the obvious answer first. */
const worth = {
  name: { exact: 1, prefix: 0.8, spelling: 0.6 },
  other: { exact: 0.9, prefix: 0.7, spelling: 0.5 },
};
/** How much of the score goes to whether the name is nothing but what was typed. */
const completeness = 0.05;

/** Best first; among equals the order of ids, so that pages neither repeat nor miss. */
export function rank(
  query: SearchQuery,
  candidates: readonly Candidate[],
  spellings: Spellings = new Map(),
): Ranked[] {
  return candidates
    .map((candidate) => ({ id: candidate.id, score: scoreOf(query, candidate, spellings) }))
    .filter(({ score }) => score > 0)
    .sort(byRank);
}

export function byRank(a: Ranked, b: Ranked): number {
  return b.score - a.score || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function scoreOf({ terms, identifiers }: SearchQuery, candidate: Candidate, spellings: Spellings): number {
  const names = new Set(candidate.nameWords);
  const others = candidate.words ? new Set(candidate.words) : names;
  if (identifiers.some((key) => identifies(key, others))) return 1;
  let sum = 0;
  let namesMatched = 0;
  for (const term of terms) {
    if (names.has(term.word)) namesMatched++;
    sum +=
      candidate.exact && !names.has(term.word) ? worth.other.exact : worthOf(term, names, others, spellings);
  }
  if (sum === 0) return 0;
  const matched = sum / terms.length;
  const complete = namesMatched / Math.max(names.size, 1);
  // An identifier alone is worth 1: words can come near it, not reach it.
  return round(Math.min(matched * (1 - completeness) + complete * completeness, 0.9999));
}

/** Digits of a country's code, and of what is dialled before a number: a number may be typed without them. */
const mostDigitsBefore = 4;

function identifies(key: string, words: Set<string>): boolean {
  if (words.has(key)) return true;
  return (
    key.startsWith('=p:') &&
    [...words].some((word) => word.startsWith(key) && word.length - key.length <= mostDigitsBefore)
  );
}

function worthOf(term: Term, names: Set<string>, others: Set<string>, spellings: Spellings): number {
  const { word, account, phone, parts } = term;
  if (names.has(word)) return worth.name.exact;
  if (others.has(word) || (account !== undefined && others.has(account))) return worth.other.exact;
  if (parts?.every((part) => others.has(part))) return worth.other.exact;
  const meant = spellings.get(word);
  let best = 0;
  for (const candidate of others) {
    const { prefix, spelling } = names.has(candidate) ? worth.name : worth.other;
    if (phone !== undefined && candidate.startsWith(phone)) return worth.other.exact;
    if (candidate.startsWith(word) || (account !== undefined && candidate.startsWith(account))) {
      // "yan" is nearer to Yang than to Yanovsky.
      best = Math.max(best, prefix - 0.1 + (0.1 * word.length) / candidate.length);
    }
    best = Math.max(best, (meant?.get(candidate) ?? 0) * spelling);
  }
  return best;
}

const round = (score: number): number => Math.round(score * 10_000) / 10_000;
