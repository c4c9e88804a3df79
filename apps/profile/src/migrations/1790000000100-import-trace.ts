import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ImportTrace1790000000100 implements MigrationInterface {
  readonly name = 'ImportTrace1790000000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE import ADD COLUMN traceparent text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE import DROP COLUMN traceparent');
  }
}
