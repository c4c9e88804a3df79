import type { SearchQuery, Term } from './search-query.js';
import type { Spellings } from './ts-query.js';

/** A customer that the index offers for a query. */
export interface Candidate {
  id: string;
  nameWords: string[];
  words: string[];
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
  const others = new Set(candidate.words);
  const identified = identifiers.some((key) =>
    key.startsWith('=p:') ? candidate.words.some((word) => word.startsWith(key)) : others.has(key),
  );
  if (identified) return 1;
  const names = new Set(candidate.nameWords);
  let sum = 0;
  let namesMatched = 0;
  for (const term of terms) {
    if (names.has(term.word)) namesMatched++;
    sum += worthOf(term, names, others, spellings);
  }
  if (sum === 0) return 0;
  const matched = sum / terms.length;
  const complete = namesMatched / Math.max(names.size, 1);
  // An identifier alone is worth 1: words can come near it, not reach it.
  return round(Math.min(matched * (1 - completeness) + complete * completeness, 0.9999));
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
