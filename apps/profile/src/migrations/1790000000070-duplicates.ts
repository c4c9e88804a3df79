import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Duplicates1790000000070 implements MigrationInterface {
  readonly name = 'Duplicates1790000000070';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE EXTENSION IF NOT EXISTS pg_trgm');
    // What two spellings of a name have in common: letters without case and marks.
    await runner.query(`
      CREATE FUNCTION customer_name_key(given_name text, family_name text) RETURNS text
      LANGUAGE sql IMMUTABLE PARALLEL SAFE
      AS $$ SELECT lower(regexp_replace(normalize(given_name || ' ' || family_name, NFKD), '[\\u0300-\\u036f]', '', 'g')) $$`);
    await runner.query(`
      CREATE FUNCTION customer_address_key(addresses jsonb) RETURNS text
      LANGUAGE sql IMMUTABLE PARALLEL SAFE
      AS $$ SELECT lower(concat_ws(' ', a->>'line1', a->>'city', a->>'postalCode'))
              FROM (SELECT coalesce(addresses->'home', addresses->'billing', addresses->'shipping') AS a) AS first $$`);
    // The last digits, without an extension: however a number is written, its last eight are the same.
    await runner.query(`
      CREATE FUNCTION customer_phone_key(phone text) RETURNS text
      LANGUAGE sql IMMUTABLE PARALLEL SAFE
      AS $$ SELECT right(regexp_replace(split_part(lower(phone), 'x', 1), '\\D', '', 'g'), 8) $$`);
    await runner.query(
      `CREATE INDEX customer_phone ON customer (customer_phone_key(phone)) WHERE phone IS NOT NULL`,
    );
    await runner.query(
      `CREATE INDEX customer_name ON customer USING gin (customer_name_key(given_name, family_name) gin_trgm_ops)`,
    );
    await runner.query(`
      CREATE FUNCTION customers_of_similar_name(wanted text, address text, most integer) RETURNS SETOF uuid
      LANGUAGE sql STABLE
      SET pg_trgm.similarity_threshold = 0.6 SET jit = off SET enable_seqscan = off
      AS $$
        SELECT id FROM customer
         WHERE customer_name_key(given_name, family_name) % wanted AND merged_into IS NULL
         ORDER BY similarity(customer_name_key(given_name, family_name), wanted)
                  + similarity(customer_address_key(addresses), address) DESC
         LIMIT most
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION customers_of_similar_name');
    await runner.query('DROP INDEX customer_name, customer_phone');
    await runner.query('DROP FUNCTION customer_phone_key, customer_address_key, customer_name_key');
  }
}
