import type { CustomerState } from '../domain/fold-events.js';
import { tablesOf, type View } from '../rebuild/view.js';
import type { Sql } from '../sql.js';

/**
 * Stores one state a customer; a state not newer than the stored one changes nothing. Words that a customer loses
 * become suspects for the sweep.
 */
export async function storeDocuments(
  sql: Sql,
  states: readonly CustomerState[],
  view: View = 'live',
): Promise<void> {
  const { customer, suspect, word } = tablesOf(view);
  await sql.query(
    `WITH incoming AS (
       SELECT id, version, name_words, array_to_tsvector(string_to_array(words, E'\\n')) AS words, found
         FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::text[])
              AS state (id, version, name_words, words, found)
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
     )
     INSERT INTO ${customer} AS stored (id, version, name_words, words, found)
     SELECT id, version, name_words, words, found FROM incoming
     ON CONFLICT (id) DO UPDATE
       SET version = excluded.version, name_words = excluded.name_words,
           words = excluded.words, found = excluded.found
     WHERE stored.version < excluded.version`,
    [
      states.map((state) => state.customerId),
      states.map((state) => state.version),
      states.map((state) => state.document?.nameWords.join(' ') ?? ''),
      states.map((state) => state.document?.words.join('\n') ?? ''),
      states.map((state) => (state.document ? JSON.stringify(state.document.found) : null)),
    ],
  );
}
