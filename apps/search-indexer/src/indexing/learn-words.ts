import { isSpelt } from '../domain/spelling.js';
import type { SearchDocument } from '../domain/search-document.js';
import { tablesOf, type View } from '../rebuild/view.js';
import type { Sql } from '../sql.js';

/**
 * Brings the words of new documents into the vocabulary. Called before the documents are stored, in their
 * transaction: its lock on the vocabulary is what keeps the sweep from forgetting a word that is about to be used.
 */
export async function learnWords(
  sql: Sql,
  documents: readonly SearchDocument[],
  view: View = 'live',
): Promise<void> {
  const words = new Set(documents.flatMap((document) => document.words).filter(isSpelt));
  // Sorted, so that two partitions that learn the same words wait for one another in one direction only.
  await sql.query(
    `INSERT INTO ${tablesOf(view).word} (word) SELECT word FROM unnest($1::text[]) AS word ORDER BY word COLLATE "C"
     ON CONFLICT DO NOTHING`,
    [[...words]],
  );
}
