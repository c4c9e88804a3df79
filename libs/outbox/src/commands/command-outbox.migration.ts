import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Commands that are committed and not yet acknowledged by their queue: one a message id. What no message can carry stays,
 * with the reason why, for somebody to look at.
 */
export class CommandOutbox1700000000800 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE command_outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        message_id text NOT NULL UNIQUE,
        name text NOT NULL,
        subject text NOT NULL,
        body text NOT NULL,
        traceparent text,
        rejected text,
        created_at timestamptz NOT NULL DEFAULT now()
      ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)`);
    await runner.query('CREATE INDEX command_outbox_subject ON command_outbox (subject)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE command_outbox');
  }
}
