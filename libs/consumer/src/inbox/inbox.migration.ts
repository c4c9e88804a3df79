import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row an event that this consumer has handled, a replay generation. */
export class InboxTable1700000000200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE inbox (
        event_id uuid NOT NULL,
        generation integer NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT inbox_pkey PRIMARY KEY (event_id, generation)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE inbox');
  }
}
