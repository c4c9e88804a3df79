import type { MigrationInterface, QueryRunner } from 'typeorm';

export class IdempotentPosts1790000000090 implements MigrationInterface {
  readonly name = 'IdempotentPosts1790000000090';

  async up(runner: QueryRunner): Promise<void> {
    // The answer to a merge is about several: it is sealed under the key of each, and goes with whoever is erased first.
    // What is about nobody, such as an import, is kept as it is, members in their order.
    await runner.query(`
      ALTER TABLE idempotency_record
        ALTER COLUMN customer_id DROP NOT NULL,
        ALTER COLUMN sealed DROP NOT NULL,
        ADD COLUMN others uuid[],
        ADD COLUMN open   json,
        ADD CHECK ((customer_id IS NULL) = (sealed IS NULL) AND (sealed IS NULL) <> (open IS NULL))`);
    await runner.query(
      'CREATE INDEX idempotency_record_others ON idempotency_record USING gin (others) WHERE others IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DELETE FROM idempotency_record WHERE others IS NOT NULL OR sealed IS NULL');
    await runner.query(`
      ALTER TABLE idempotency_record
        DROP COLUMN others, DROP COLUMN open,
        ALTER COLUMN customer_id SET NOT NULL, ALTER COLUMN sealed SET NOT NULL`);
  }
}
