import type { Beginnings } from '../domain/ts-query.js';
import type { Sql } from '../sql.js';

/** Words of the vocabulary that stand for one or two letters: the shortest are the nearest. */
const most = 15;
const lastLetter = '\u{10ffff}';

/** What the first letters of a word, as they are being typed, may be the beginning of. */
export async function findBeginnings(sql: Sql, letters: readonly string[]): Promise<Beginnings> {
  const found = new Map<string, string[]>(letters.map((typed) => [typed, []]));
  if (letters.length === 0) return found;
  const rows = await sql.query<{ typed: string; word: string }[]>(
    `SELECT typed, word FROM unnest($1::text[]) AS typed,
            LATERAL (SELECT word FROM search_word WHERE word >= typed AND word < typed || $2
                      ORDER BY length(word), word LIMIT $3) AS nearest`,
    [letters, lastLetter, most],
  );
  for (const { typed, word } of rows) found.get(typed)?.push(word);
  return found;
}
