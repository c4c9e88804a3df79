import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Names by themselves. A name that many have brings a thousand candidates, each on another page of `search_customer`,
 * whose rows are ten times as long: reading those pages was most of what such a search cost.
 */
export class Names1795305600020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const suffix of ['', '_next']) {
      // A rebuild that is under way has tables of its own, and goes on.
      const [{ there }] = (await runner.query(
        `SELECT to_regclass('search_customer${suffix}') IS NOT NULL AS there`,
      )) as [{ there: boolean }];
      if (!there) continue;
      // Words of the name, and the keys of its owner that filters ask for.
      await runner.query(`CREATE TABLE search_name${suffix} (id uuid PRIMARY KEY, keys tsvector NOT NULL)`);
      await runner.query(
        `INSERT INTO search_name${suffix} (id, keys)
         SELECT id, array_to_tsvector(string_to_array(name_words, ' ')
                  || ARRAY(SELECT key FROM unnest(tsvector_to_array(words)) AS key WHERE key ~ '^=[ct]:'))
           FROM search_customer${suffix}`,
      );
      await runner.query(
        `CREATE INDEX search_name${suffix}_keys ON search_name${suffix}
           USING gin (keys) WITH (fastupdate = on, gin_pending_list_limit = 512)`,
      );
    }
    await runner.query(`
      CREATE FUNCTION search_names(wanted tsquery, most integer)
      RETURNS TABLE (id uuid, keys text)
      LANGUAGE sql STABLE PARALLEL SAFE
      SET enable_seqscan = off SET enable_indexscan = off SET jit = off SET work_mem = '64MB'
      AS $$
        SELECT id, array_to_string(tsvector_to_array(keys), E'\\n') FROM search_name WHERE keys @@ wanted LIMIT most
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION search_names');
    await runner.query('DROP TABLE IF EXISTS search_name, search_name_next');
  }
}
