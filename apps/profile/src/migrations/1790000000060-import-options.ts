import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ImportOptions1790000000060 implements MigrationInterface {
  readonly name = 'ImportOptions1790000000060';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE import
        ADD COLUMN dry_run boolean NOT NULL DEFAULT false,
        ADD COLUMN mapping jsonb,
        ADD COLUMN header  text`);
    // Of a refused row what it takes to correct it, until it is erased or old; and whose it seems to be.
    await runner.query('ALTER TABLE import_error ADD COLUMN original text, ADD COLUMN account_number text');
    await runner.query(
      'CREATE INDEX import_error_account_number ON import_error (account_number) WHERE account_number IS NOT NULL',
    );
    // What the rows of a running import have said so far, as digests: two rows must not say different things of one person.
    await runner.query(`
      CREATE TABLE import_said (
        import_id uuid NOT NULL REFERENCES import ON DELETE CASCADE,
        account   bigint NOT NULL,
        content   bigint NOT NULL,
        line      integer NOT NULL,
        PRIMARY KEY (import_id, account)
      )`);
    // Customers as a dry run has left them, instead of the real ones.
    await runner.query(`
      CREATE TABLE import_draft (
        import_id      uuid NOT NULL REFERENCES import ON DELETE CASCADE,
        account_number text NOT NULL,
        customer       jsonb NOT NULL,
        PRIMARY KEY (import_id, account_number)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE import_draft, import_said');
    await runner.query('ALTER TABLE import_error DROP COLUMN original, DROP COLUMN account_number');
    await runner.query('ALTER TABLE import DROP COLUMN dry_run, DROP COLUMN mapping, DROP COLUMN header');
  }
}
