import { nearSpellings } from '../domain/near-spellings.js';
import type { SimilarWord } from '../domain/spelling.js';
import type { Sql } from '../sql.js';

/** Similar words looked at before the edit distance decides. */
const most = 100;

/** Words of the vocabulary that share trigrams with each misspelt one, or are one slip away: short ones may share none. */
export async function findSimilarWords(sql: Sql, misspelt: string[]): Promise<Map<string, SimilarWord[]>> {
  const found = new Map<string, SimilarWord[]>(misspelt.map((word) => [word, []]));
  if (misspelt.length === 0) return found;
  const rows = await sql.query<({ misspelt: string } & SimilarWord)[]>(
    `SELECT misspelt, word, similarity(misspelt, word)
       FROM unnest($1::text[]) AS misspelt, LATERAL search_similar_words(misspelt, $2) AS word
     UNION
     SELECT misspelt, word, similarity(misspelt, word)
       FROM unnest($1::text[]) AS misspelt, (SELECT word FROM search_word WHERE word = ANY ($3::text[])) AS near`,
    [misspelt, most, misspelt.flatMap(nearSpellings)],
  );
  for (const { misspelt: asked, word, similarity } of rows) found.get(asked)?.push({ word, similarity });
  return found;
}
