import type { Candidate } from '../domain/ranking.js';
import type { Sql } from '../sql.js';

/** @param tsQuery as `tsQueryOf` writes it. @returns at most `most` customers that match, in no order. */
export async function findCandidates(sql: Sql, tsQuery: string, most: number): Promise<Candidate[]> {
  const rows = await sql.query<{ id: string; name_words: string; words: string }[]>(
    'SELECT id, name_words, words FROM search_candidates($1::tsquery, $2)',
    [tsQuery, most],
  );
  return rows.map(({ id, name_words: names, words }) => ({
    id,
    nameWords: names.split(' '),
    words: words.split('\n'),
  }));
}
