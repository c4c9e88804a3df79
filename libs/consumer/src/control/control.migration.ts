import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether a group is to read, for all of its replicas and across restarts. */
export class ControlTable1700000000500 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE consumer_control (
        consumer_group text PRIMARY KEY,
        paused boolean NOT NULL,
        actor text NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE consumer_control');
  }
}
