import type { Sql } from '../sql.js';

/** Those of the words that some customer has. */
export async function findKnownWords(sql: Sql, words: string[]): Promise<Set<string>> {
  const rows = await sql.query<{ word: string }[]>(
    'SELECT word FROM search_word WHERE word = ANY($1::text[])',
    [words],
  );
  return new Set(rows.map(({ word }) => word));
}
