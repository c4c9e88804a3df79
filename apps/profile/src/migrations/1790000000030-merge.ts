import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Merge1790000000030 implements MigrationInterface {
  readonly name = 'Merge1790000000030';

  async up(runner: QueryRunner): Promise<void> {
    // A merged duplicate stays as it was, number and all, and is nobody's customer until it is unmerged.
    await runner.query(
      'ALTER TABLE customer ADD merged_into uuid REFERENCES customer DEFERRABLE INITIALLY DEFERRED',
    );
    await runner.query(
      'CREATE INDEX customer_merged_into ON customer (merged_into) WHERE merged_into IS NOT NULL',
    );
    // `taken` is [{path, origin, value, before?}]: what the revert needs. The values go when it is done.
    await runner.query(`
      CREATE TABLE customer_merge (
        id           uuid PRIMARY KEY,
        position     bigint GENERATED ALWAYS AS IDENTITY,
        survivor_id  uuid NOT NULL,
        duplicate_id uuid NOT NULL,
        taken        jsonb NOT NULL,
        merged_at    timestamptz(3) NOT NULL,
        merged_by    text NOT NULL,
        reverted_at  timestamptz(3),
        reverted_by  text
      )`);
    await runner.query(
      'CREATE UNIQUE INDEX customer_merge_duplicate ON customer_merge (duplicate_id) WHERE reverted_at IS NULL',
    );
    await runner.query(
      'CREATE INDEX customer_merge_survivor ON customer_merge (survivor_id) WHERE reverted_at IS NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE customer_merge');
    await runner.query('ALTER TABLE customer DROP merged_into');
  }
}
