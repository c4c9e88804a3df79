import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateSearchIndex1795305600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE EXTENSION IF NOT EXISTS pg_trgm');
    // A row with found = NULL is a customer who left the search: its version keeps older events out.
    await runner.query(`
      CREATE TABLE search_customer (
        id         uuid PRIMARY KEY,
        version    integer NOT NULL,
        name_words text NOT NULL,
        words      tsvector NOT NULL,
        found      text
      )`);
    // Every search reads the pending list through: short, it costs little and an import gains a third.
    await runner.query(
      `CREATE INDEX search_customer_words ON search_customer
         USING gin (words) WITH (fastupdate = on, gin_pending_list_limit = 512)`,
    );
    await runner.query('CREATE TABLE search_word (word text COLLATE "C" PRIMARY KEY)');
    await runner.query('CREATE INDEX search_word_similar ON search_word USING gin (word gin_trgm_ops)');
    // Words that a customer no longer has: the sweep forgets those that nobody has.
    await runner.query('CREATE TABLE search_word_suspect (word text COLLATE "C" PRIMARY KEY)');
    // The planner takes a frequent word for a reason to read the table; the index is quicker and its time is bounded.
    await runner.query(`
      CREATE FUNCTION search_candidates(wanted tsquery, most integer)
      RETURNS TABLE (id uuid, name_words text, words text)
      LANGUAGE sql STABLE PARALLEL SAFE
      SET enable_seqscan = off SET enable_indexscan = off SET jit = off
      AS $$
        SELECT id, name_words, array_to_string(tsvector_to_array(words), E'\\n')
          FROM search_customer WHERE words @@ wanted LIMIT most
      $$`);
    // Of three letters one slip leaves a single trigram, of more it leaves a fifth at least.
    await runner.query(`
      CREATE FUNCTION search_similar_words(misspelt text, most integer) RETURNS SETOF text
      LANGUAGE plpgsql STABLE
      SET pg_trgm.similarity_threshold = 0.2 SET jit = off
      AS $$
      BEGIN
        IF length(misspelt) < 4 THEN
          PERFORM set_config('pg_trgm.similarity_threshold', '0.12', true);
        END IF;
        RETURN QUERY
          SELECT word FROM search_word WHERE word % misspelt
           ORDER BY similarity(word, misspelt) DESC, word LIMIT most;
      END $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION search_similar_words, search_candidates');
    await runner.query('DROP TABLE search_word_suspect, search_word, search_customer');
  }
}
