import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Candidates1795305600010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // A bitmap that outgrows its memory forgets rows and keeps pages, and every row of those is looked at again.
    await runner.query(`ALTER FUNCTION search_candidates SET work_mem = '64MB'`);
    // Where all words are known to match, names are enough to rank by: unpacking the words costs more than finding them.
    await runner.query(`
      CREATE FUNCTION search_candidate_names(wanted tsquery, most integer)
      RETURNS TABLE (id uuid, name_words text)
      LANGUAGE sql STABLE PARALLEL SAFE
      SET enable_seqscan = off SET enable_indexscan = off SET jit = off SET work_mem = '64MB'
      AS $$ SELECT id, name_words FROM search_customer WHERE words @@ wanted LIMIT most $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION search_candidate_names');
    await runner.query('ALTER FUNCTION search_candidates RESET work_mem');
  }
}
