import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Import1790000000001 implements MigrationInterface {
  readonly name = 'Import1790000000001';

  async up(runner: QueryRunner): Promise<void> {
    // `read` is the place to go on from: it moves in the transaction that writes the customers.
    await runner.query(`
      CREATE TABLE import (
        id          uuid PRIMARY KEY,
        format      text NOT NULL CHECK (format IN ('csv', 'ndjson')),
        sha256      text,
        repeats     uuid REFERENCES import,
        status      text NOT NULL CHECK (status IN ('receiving', 'running', 'completed', 'failed')),
        failure     text,
        read        integer NOT NULL DEFAULT 0,
        added       integer NOT NULL DEFAULT 0,
        changed     integer NOT NULL DEFAULT 0,
        unchanged   integer NOT NULL DEFAULT 0,
        refused     integer NOT NULL DEFAULT 0,
        created_at  timestamptz(3) NOT NULL DEFAULT now(),
        finished_at timestamptz(3)
      )`);
    await runner.query('CREATE INDEX import_sha256 ON import (sha256, id)');
    await runner.query(`
      CREATE TABLE import_chunk (
        import_id uuid NOT NULL REFERENCES import ON DELETE CASCADE,
        position  integer NOT NULL,
        bytes     bytea NOT NULL,
        PRIMARY KEY (import_id, position)
      )`);
    await runner.query('ALTER TABLE import_chunk ALTER bytes SET STORAGE EXTERNAL');
    await runner.query(`
      CREATE TABLE import_error (
        import_id   uuid NOT NULL REFERENCES import ON DELETE CASCADE,
        row_number  integer NOT NULL,
        line        integer NOT NULL,
        column_name text,
        reason      text NOT NULL,
        PRIMARY KEY (import_id, row_number)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE import_error, import_chunk, import');
  }
}
