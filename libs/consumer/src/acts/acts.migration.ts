import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What somebody with the scope admin did here, until the audit has it. */
export class AdministrativeActTable1700000000700 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE administrative_act (
        id          uuid PRIMARY KEY,
        act         text NOT NULL,
        actor       text NOT NULL,
        customer_id text,
        details     jsonb NOT NULL,
        outcome     text,
        begun_at    timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE administrative_act');
  }
}
