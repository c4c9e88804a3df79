import { queryPrepared } from '@app/database';
import type { EntityManager } from 'typeorm';
import type { CustomerState } from '../domain/fold-events.js';
import { tablesOf, type View } from '../rebuild/view.js';
import { learnWordsSql, wordsToLearn } from './learn-words.js';

/**
 * Stores one state a customer, and the words of its document in the vocabulary; a state not newer than the stored one
 * changes nothing.
 */
export async function storeDocuments(
  sql: EntityManager,
  states: readonly CustomerState[],
  view: View = 'live',
): Promise<void> {
  const first = states.filter(({ version }) => version === 1);
  const later = states.filter(({ version }) => version !== 1);
  if (first.length > 0) await queryPrepared(sql, storeFirst(view), valuesOf(first));
  if (later.length > 0) await sql.query(storeLater(view), valuesOf(later));
}

const state = `unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[])
                 AS state (id, version, name_words, name_keys, words, found)`;
const lexemes = (lines: string): string => String.raw`array_to_tsvector(string_to_array(${lines}, E'\n'))`;

const valuesOf = (states: readonly CustomerState[]): unknown[] => [
  states.map(({ customerId }) => customerId),
  states.map(({ version }) => version),
  states.map(({ document }) => document?.nameWords.join(' ') ?? ''),
  states.map(({ document }) => document?.nameKeys.join('\n') ?? ''),
  states.map(({ document }) => document?.words.join('\n') ?? ''),
  states.map(({ document }) => (document ? JSON.stringify(document.found) : null)),
  wordsToLearn(states.flatMap(({ document }) => document ?? [])),
];

/**
 * First versions, which nothing stored is older than. Most states are: the statement is planned once, and as it only adds,
 * the plan fits tables of any size.
 */
const storeFirst = (view: View) => ({
  name: `search_store_first_${view}`,
  text: `WITH learnt AS (${learnWordsSql(view, '$7::text[]')}), named AS (
       INSERT INTO ${tablesOf(view).name} (id, keys) SELECT id, ${lexemes('name_keys')} FROM ${state}
       ON CONFLICT (id) DO NOTHING
     )
     INSERT INTO ${tablesOf(view).customer} (id, version, name_words, words, found)
     SELECT id, version, name_words, ${lexemes('words')}, found FROM ${state}
     ON CONFLICT (id) DO NOTHING`,
});

/** Words that a customer loses become suspects for the sweep. */
function storeLater(view: View): string {
  const { customer, name, suspect, word } = tablesOf(view);
  return `WITH learnt AS (${learnWordsSql(view, '$7::text[]')}), incoming AS (
       SELECT id, version, name_words, ${lexemes('name_keys')} AS keys, ${lexemes('words')} AS words, found FROM ${state}
     ), former AS (
       SELECT word
         FROM incoming
         JOIN ${customer} AS stored USING (id),
              unnest(tsvector_to_array(ts_delete(stored.words, tsvector_to_array(incoming.words)))) AS word
        WHERE stored.version < incoming.version
     ), suspect AS (
       INSERT INTO ${suspect} (word)
       SELECT DISTINCT word FROM ${word} JOIN former USING (word) ORDER BY word
       ON CONFLICT DO NOTHING
     ), newer AS (
       INSERT INTO ${customer} AS stored (id, version, name_words, words, found)
       SELECT id, version, name_words, words, found FROM incoming
       ON CONFLICT (id) DO UPDATE
         SET version = excluded.version, name_words = excluded.name_words,
             words = excluded.words, found = excluded.found
       WHERE stored.version < excluded.version
       RETURNING id
     )
     INSERT INTO ${name} (id, keys) SELECT id, keys FROM incoming JOIN newer USING (id)
     ON CONFLICT (id) DO UPDATE SET keys = excluded.keys`;
}
