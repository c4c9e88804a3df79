import type { Sql } from '../sql.js';

/** For an export: the document of a customer and the words it is found by; null for who is not, or no more, in the search. */
export async function heldDocument(sql: Sql, customerId: string): Promise<{ document: object | null }> {
  const [row] = await sql.query<{ version: number; found: string; words: string[] }[]>(
    `SELECT version, found, tsvector_to_array(words) AS words
       FROM search_customer WHERE id = $1 AND found IS NOT NULL`,
    [customerId],
  );
  if (!row) return { document: null };
  const { version, found, words } = row;
  return { document: { version, found: JSON.parse(found) as unknown, words } };
}
