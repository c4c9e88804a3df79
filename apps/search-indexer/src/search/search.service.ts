import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { decodeCursor, encodeCursor } from '../domain/cursor.js';
import { byRank, type Candidate, rank, type Ranked } from '../domain/ranking.js';
import type { FoundCustomer } from '../domain/search-document.js';
import { queryOf, type SearchQuery, type SearchRequest } from '../domain/search-query.js';
import { meaningsOf, wordsToSpell } from '../domain/spelling.js';
import { type Spellings, tsQueryOf, type Width } from '../domain/ts-query.js';
import { findCandidates } from './find-candidates.js';
import { findKnownWords } from './find-known-words.js';
import { findSimilarWords } from './find-similar-words.js';
import { customersOf, listCustomers } from './list-customers.js';

export type ScoredCustomer = FoundCustomer & { score: number };

export interface SearchPage {
  items: ScoredCustomer[];
  nextCursor?: string;
}

/** Customers that are ranked for one reading of a query. Who comes behind a thousand is found by one word more. */
const mostCandidates = { exact: 1_000, prefix: 500, spelling: 300, allButOne: 300 };
/** With fewer than this, the words are taken for misspelt. */
const enough = 5;
/** A query that says more than a name means one customer: once somebody matches it, it is read no more widely. */
const wordsOfAName = 2;

@Injectable()
export class SearchService {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** @throws {CursorError} */
  async search(request: SearchRequest, limit: number, cursor?: string): Promise<SearchPage> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor, request);
    const query = queryOf(request);
    if (!request.q.trim()) return this.list(request, query, limit, after);

    const ranked = await this.rankedFor(query);
    const rest = after ? ranked.filter((found) => byRank(after, found) < 0) : ranked;
    const page = rest.slice(0, limit);
    const scores = new Map(page.map(({ id, score }) => [id, score]));
    const customers = await customersOf(this.dataSource, [...scores.keys()]);
    const items = customers.map((customer) => scored(customer, scores.get(customer.id) ?? 0));
    const last = page.at(-1);
    return { items, ...(last && rest.length > limit ? { nextCursor: encodeCursor(last, request) } : {}) };
  }

  private async list(
    request: SearchRequest,
    query: SearchQuery,
    limit: number,
    after?: Ranked,
  ): Promise<SearchPage> {
    const tsQuery = tsQueryOf(query, { width: 'exact' });
    const customers = await listCustomers(this.dataSource, { tsQuery, after: after?.id, limit: limit + 1 });
    const items = customers.slice(0, limit).map((customer) => scored(customer, 1));
    const last = items.at(-1);
    const more = customers.length > limit && last !== undefined;
    return { items, ...(more ? { nextCursor: encodeCursor({ score: 1, id: last.id }, request) } : {}) };
  }

  /**
   * Reads the query as typed; then as beginnings of words; then the words that nobody has as misspelt; then all of them;
   * then without one of them: until enough is found.
   */
  private async rankedFor(query: SearchQuery): Promise<Ranked[]> {
    const found = new Map<string, Candidate>();
    const look = async (width: Width): Promise<void> => {
      const tsQuery = tsQueryOf(query, width);
      if (!hasAnyTerm(query) || tsQuery === '') return;
      for (const candidate of await findCandidates(this.dataSource, tsQuery, mostCandidates[width.width])) {
        found.set(candidate.id, candidate);
      }
    };
    await look({ width: 'exact' });
    const name = query.terms.length <= wordsOfAName;
    if (name && found.size < mostCandidates.exact) await look({ width: 'prefix' });
    if (found.size >= (name ? enough : 1)) return rank(query, [...found.values()]);

    const words = wordsToSpell(query);
    const known = await findKnownWords(this.dataSource, words);
    let spellings = await this.spellingsOf(words.filter((word) => !known.has(word)));
    if (spellings.size > 0 || !name) await look({ width: 'spelling', spellings });
    if (found.size === 0) {
      spellings = await this.spellingsOf(words);
      await look({ width: 'spelling', spellings });
    }
    if (found.size === 0) await look({ width: 'allButOne', spellings });
    return rank(query, [...found.values()], spellings);
  }

  private async spellingsOf(words: string[]): Promise<Spellings> {
    const similar = await findSimilarWords(this.dataSource, words);
    return new Map([...similar].map(([word, candidates]) => [word, meaningsOf(word, candidates)]));
  }
}

const scored = (customer: FoundCustomer, score: number): ScoredCustomer => ({ ...customer, score });
const hasAnyTerm = ({ terms, identifiers }: SearchQuery): boolean => terms.length + identifiers.length > 0;
