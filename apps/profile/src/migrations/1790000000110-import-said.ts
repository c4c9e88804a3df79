import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ImportSaid1790000000110 implements MigrationInterface {
  readonly name = 'ImportSaid1790000000110';

  async up(runner: QueryRunner): Promise<void> {
    // Looking the import up for each row cost as much as the row; whoever ends an import deletes what it said.
    await runner.query('ALTER TABLE import_said DROP CONSTRAINT import_said_import_id_fkey');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE import_said ADD FOREIGN KEY (import_id) REFERENCES import ON DELETE CASCADE',
    );
  }
}
