import type { Candidate } from '../domain/ranking.js';
import type { Width } from '../domain/ts-query.js';
import type { Sql } from '../sql.js';

/** Customers that are ranked for one reading of a query. Who comes behind a thousand is found by one word more. */
const most: Record<Width['width'], number> = {
  identifier: 100,
  name: 1_000,
  exact: 1_000,
  namePrefix: 500,
  prefix: 500,
  spelling: 300,
  allButOne: 300,
};

/** @param tsQuery as `tsQueryOf` writes it for this width. @returns customers that match, in no order. */
export async function findCandidates(sql: Sql, tsQuery: string, { width }: Width): Promise<Candidate[]> {
  if (width === 'name' || width === 'exact' || width === 'namePrefix') {
    const rows = await sql.query<{ id: string; name_words: string }[]>(
      'SELECT id, name_words FROM search_candidate_names($1::tsquery, $2)',
      [tsQuery, most[width]],
    );
    const exact = width !== 'namePrefix';
    return rows.map(({ id, name_words: names }) => ({ id, nameWords: names.split(' '), exact }));
  }
  const rows = await sql.query<{ id: string; name_words: string; words: string }[]>(
    'SELECT id, name_words, words FROM search_candidates($1::tsquery, $2)',
    [tsQuery, most[width]],
  );
  return rows.map(({ id, name_words: names, words }) => ({
    id,
    nameWords: names.split(' '),
    words: words.split('\n'),
  }));
}
