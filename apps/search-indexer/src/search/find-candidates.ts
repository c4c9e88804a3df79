import type { Candidate } from '../domain/ranking.js';
import type { Width } from '../domain/ts-query.js';
import { isKey } from '../domain/search-document.js';
import type { Sql } from '../sql.js';

/**
 * Customers that are ranked for one reading of a query; who comes behind is found by one word more. A name's row is a tenth
 * of a customer's, and each lies on a page of its own: what is read of those is kept short.
 */
const most: Record<Width['width'], number> = {
  identifier: 100,
  name: 500,
  exact: 500,
  namePrefix: 500,
  prefix: 200,
  spelling: 200,
  allButOne: 100,
};

/** @param tsQuery as `tsQueryOf` writes it for this width. @returns customers that match, in no order. */
export async function findCandidates(sql: Sql, tsQuery: string, { width }: Width): Promise<Candidate[]> {
  if (width === 'name' || width === 'namePrefix') {
    const rows = await sql.query<{ id: string; keys: string }[]>(
      'SELECT id, keys FROM search_names($1::tsquery, $2)',
      [tsQuery, most[width]],
    );
    return rows.map(({ id, keys }) => ({
      id,
      nameWords: keys.split('\n').filter((key) => !isKey(key)),
      exact: width === 'name',
    }));
  }
  if (width === 'exact') {
    const rows = await sql.query<{ id: string; name_words: string }[]>(
      'SELECT id, name_words FROM search_candidate_names($1::tsquery, $2)',
      [tsQuery, most[width]],
    );
    return rows.map(({ id, name_words: names }) => ({ id, nameWords: names.split(' '), exact: true }));
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
