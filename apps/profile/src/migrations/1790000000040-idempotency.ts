import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Idempotency1790000000040 implements MigrationInterface {
  readonly name = 'Idempotency1790000000040';

  async up(runner: QueryRunner): Promise<void> {
    // Sealed under the customer's key: destroying that erases the answer, too.
    await runner.query(`
      CREATE TABLE idempotency_record (
        hash        bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
        customer_id uuid NOT NULL,
        sealed      text NOT NULL,
        created_at  timestamptz(3) NOT NULL DEFAULT clock_timestamp()
      )`);
    await runner.query('CREATE INDEX idempotency_record_customer ON idempotency_record (customer_id)');
    await runner.query('CREATE INDEX idempotency_record_created_at ON idempotency_record (created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE idempotency_record');
  }
}
