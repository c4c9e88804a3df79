import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { decodeCursor, encodeCursor } from '../domain/cursor.js';
import { type Highlight, highlightsOf } from '../domain/highlights.js';
import { byRank } from '../domain/ranking.js';
import { narrowest } from '../domain/reading.js';
import type { FoundCustomer } from '../domain/search-document.js';
import { queryOf, type SearchQuery, type SearchRequest } from '../domain/search-query.js';
import { filterQueryOf } from '../domain/ts-query.js';
import { customersOf, listCustomers } from './list-customers.js';
import { readQuery } from './read-query.js';

export type ScoredCustomer = FoundCustomer & { score: number; highlights: Highlight[] };

export interface SearchPage {
  items: ScoredCustomer[];
  nextCursor?: string;
}

@Injectable()
export class SearchService {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** @throws {CursorError} */
  async search(request: SearchRequest, limit: number, cursor?: string): Promise<SearchPage> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor, request);
    const query = queryOf(request);
    if (!request.q.trim()) return this.list(request, query, limit, after);

    const { ranked, reading, spellings } = await readQuery(this.dataSource, query, after?.reading);
    const rest = after ? ranked.filter((found) => byRank(after, found) < 0) : ranked;
    const page = rest.slice(0, limit);
    const scores = new Map(page.map(({ id, score }) => [id, score]));
    const customers = await customersOf(this.dataSource, [...scores.keys()]);
    const items = customers.map((customer) =>
      scored(customer, scores.get(customer.id) ?? 0, highlightsOf(customer, query, spellings)),
    );
    const last = page.at(-1);
    const more = last !== undefined && rest.length > limit;
    return { items, ...(more ? { nextCursor: encodeCursor({ ...last, reading }, request) } : {}) };
  }

  private async list(
    request: SearchRequest,
    query: SearchQuery,
    limit: number,
    after?: { id: string },
  ): Promise<SearchPage> {
    const tsQuery = filterQueryOf(query);
    const customers = await listCustomers(this.dataSource, { tsQuery, after: after?.id, limit: limit + 1 });
    const items = customers.slice(0, limit).map((customer) => scored(customer, 1, []));
    const last = items.at(-1);
    const more = customers.length > limit && last !== undefined;
    const nextCursor = more && encodeCursor({ score: 1, id: last.id, reading: narrowest }, request);
    return { items, ...(nextCursor ? { nextCursor } : {}) };
  }
}

const scored = (customer: FoundCustomer, score: number, highlights: Highlight[]): ScoredCustomer => ({
  ...customer,
  score,
  highlights,
});
