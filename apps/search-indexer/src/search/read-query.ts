import { type Candidate, rank, type Ranked } from '../domain/ranking.js';
import { depths, narrowest, type Reading } from '../domain/reading.js';
import type { SearchQuery } from '../domain/search-query.js';
import { meaningsOf, wordsToSpell } from '../domain/spelling.js';
import {
  shortWordsOf,
  type Spellings,
  termsOfWhichOneMayMiss,
  tsQueryOf,
  type Width,
} from '../domain/ts-query.js';
import type { Sql } from '../sql.js';
import { findBeginnings } from './find-beginnings.js';
import { findCandidates } from './find-candidates.js';
import { findKnownWords } from './find-known-words.js';
import { findSimilarWords } from './find-similar-words.js';

/** As many as the longest page: with them, the query is read no more widely. */
const plenty = 200;
/** With as many names that begin so, who has only something else that does is not looked for: by the words typed. */
const nameEnough = (words: number): number => (words === 1 ? 20 : 5);
/** With fewer than this, the words are taken for misspelt. */
const enough = 5;
/** A query that says more than a name means one customer: once somebody matches it, it is read no more widely. */
const wordsOfAName = 2;

/** Whom a query finds, the best first, and how it was read to find them. */
export interface Found {
  ranked: Ranked[];
  reading: Reading;
  spellings: Spellings;
}

/**
 * Reads the query as typed; then as beginnings of words; then the words that nobody has as misspelt; then without one of
 * them; then all as misspelt; then all but one of them: until enough is found.
 * @param least how the page before was read: who came since must not hide who was to follow
 */
export async function readQuery(sql: Sql, query: SearchQuery, least: Reading = narrowest): Promise<Found> {
  const found = new Map<string, Candidate>();
  const reading = { ...narrowest };
  let spellings: Spellings = new Map();

  const look = async (width: Width): Promise<void> => {
    const tsQuery = tsQueryOf(query, width);
    if (tsQuery === '') return;
    for (const candidate of await findCandidates(sql, tsQuery, width)) {
      if (!found.has(candidate.id)) found.set(candidate.id, candidate);
    }
  };
  const goesOnTo = (depth: number, wanted: boolean): boolean => {
    const goesOn = wanted || least.depth >= depth;
    if (goesOn) reading.depth = depth;
    return goesOn;
  };
  const spell = async (spelt: string): Promise<void> => {
    reading.spelt = spelt;
    spellings = await spellingsOf(sql, query, spelt);
  };
  const result = (): Found => ({ ranked: rank(query, [...found.values()], spellings), reading, spellings });

  await look({ width: 'identifier' });
  await look({ width: 'name' });
  if (goesOnTo(depths.exact, found.size < plenty)) await look({ width: 'exact' });
  const name = query.terms.length <= wordsOfAName;
  if (name) {
    const isWanted = goesOnTo(depths.namePrefix, found.size < plenty);
    const beginnings = await findBeginnings(sql, isWanted ? shortWordsOf(query) : []);
    if (isWanted) await look({ width: 'namePrefix', beginnings });
    if (goesOnTo(depths.prefix, found.size < nameEnough(query.terms.length)))
      await look({ width: 'prefix', beginnings });
  }
  if (!goesOnTo(depths.spelling, found.size < (name ? enough : 1))) return result();

  const words = wordsToSpell(query);
  const isSpelt = least.depth >= depths.spelling && least.depth < depths.allSpelt;
  await spell(isSpelt ? least.spelt : await unknownAmong(sql, words));
  if (spellings.size > 0 || !name) await look({ width: 'spelling', spellings });
  // That one word is too many is likelier than that words which somebody has are all misspelt; and looked up sooner.
  const mayMiss = query.terms.length >= termsOfWhichOneMayMiss;
  if (!goesOnTo(depths.allButOne, found.size === 0)) return result();
  if (mayMiss) await look({ width: 'allButOne', spellings });
  if (!goesOnTo(depths.allSpelt, found.size === 0)) return result();

  await spell('1'.repeat(words.length));
  await look({ width: 'spelling', spellings });
  if (goesOnTo(depths.allSpeltButOne, found.size === 0) && mayMiss)
    await look({ width: 'allButOne', spellings });
  return result();
}

async function unknownAmong(sql: Sql, words: string[]): Promise<string> {
  const known = await findKnownWords(sql, words);
  return words.map((word) => (known.has(word) ? '0' : '1')).join('');
}

async function spellingsOf(sql: Sql, query: SearchQuery, spelt: string): Promise<Spellings> {
  const misspelt = wordsToSpell(query).filter((_, index) => spelt[index] === '1');
  const similar = await findSimilarWords(sql, misspelt);
  const alone = query.terms.length === 1;
  return new Map([...similar].map(([word, candidates]) => [word, meaningsOf(word, candidates, alone)]));
}
