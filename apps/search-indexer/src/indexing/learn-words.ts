import { isSpelt } from '../domain/spelling.js';
import type { SearchDocument } from '../domain/search-document.js';
import { tablesOf, type View } from '../rebuild/view.js';

/**
 * A statement that brings words into the vocabulary, to stand before the one that stores the documents which have them, in
 * the same command: its lock on the vocabulary is what keeps the sweep from forgetting a word that is about to be used.
 * @param words of the type text[]
 */
export const learnWordsSql = (view: View, words: string): string =>
  // Sorted, so that two partitions that learn the same words wait for one another in one direction only.
  `INSERT INTO ${tablesOf(view).word} (word) SELECT word FROM unnest(${words}) AS word ORDER BY word COLLATE "C"
   ON CONFLICT DO NOTHING`;

/** The words that people misspell, each once. */
export const wordsToLearn = (documents: readonly SearchDocument[]): string[] => [
  ...new Set(documents.flatMap(({ words }) => words).filter(isSpelt)),
];
