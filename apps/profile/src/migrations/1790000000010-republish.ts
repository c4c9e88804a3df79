import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Republish1790000000010 implements MigrationInterface {
  readonly name = 'Republish1790000000010';

  async up(runner: QueryRunner): Promise<void> {
    // `last_customer` is the place to go on from: it moves in the transaction that writes the events.
    await runner.query(`
      CREATE TABLE republish (
        id            uuid PRIMARY KEY,
        changed_since timestamptz(3),
        status        text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'completed')),
        events        integer NOT NULL DEFAULT 0,
        last_customer uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
        created_at    timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
        completed_at  timestamptz(3)
      )`);
    await runner.query(
      `CREATE UNIQUE INDEX republish_running ON republish (status) WHERE status = 'running'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE republish');
  }
}
