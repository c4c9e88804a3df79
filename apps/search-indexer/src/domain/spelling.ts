import { editDistance, toleratedEdits } from './edit-distance.js';
import type { SearchQuery } from './search-query.js';

/** Words whose spelling people get wrong: letters only. The number next to 4377 is another house. */
const spelt = /^\p{L}{3,40}$/u;
/** More meanings of one word than this help nobody and cost the search its speed; another word beside it tells more apart. */
const mostMeanings = { alone: 8, amongOthers: 24 };
/** How alike a word is at least that has two neighbours swapped: the commonest slip shares the fewest trigrams. */
const likenessOfSwap = 0.5;

/** Whether a word belongs into the vocabulary, and whether a misspelling of it is looked for. */
export function isSpelt(word: string): boolean {
  return spelt.test(word);
}

export function wordsToSpell({ terms }: SearchQuery): string[] {
  return terms.map(({ word }) => word).filter(isSpelt);
}

/** A word of the vocabulary, with the share of its trigrams that it has in common with the misspelt one: 0 to 1. */
export interface SimilarWord {
  word: string;
  similarity: number;
}

/**
 * The nearest of the similar words within the tolerated slips, with how near each is. Among words one slip away the
 * trigrams tell the likelier: "smth" is rather Smith, a letter forgotten, than Seth.
 */
export function meaningsOf(
  misspelt: string,
  similar: readonly SimilarWord[],
  alone = true,
): Map<string, number> {
  const limit = toleratedEdits(misspelt);
  const near = similar
    .map(({ word, similarity }) => ({ word, similarity, edits: editDistance(misspelt, word, limit) }))
    .filter(({ word, edits }) => edits <= limit && word !== misspelt)
    .map(({ word, similarity, edits }) => {
      const alike = edits === 1 && hasSameLetters(word, misspelt) ? likenessOfSwap : 0;
      return [word, (1 - edits / (misspelt.length + 1) + Math.max(similarity, alike)) / 2] as const;
    })
    .sort(([a, nearA], [b, nearB]) => nearB - nearA || (a < b ? -1 : 1));
  return new Map(near.slice(0, alone ? mostMeanings.alone : mostMeanings.amongOthers));
}

const hasSameLetters = (a: string, b: string): boolean => sortedLetters(a) === sortedLetters(b);
const sortedLetters = (word: string): string =>
  Array.from(word)
    .sort((a, b) => (a < b ? -1 : 1))
    .join('');
