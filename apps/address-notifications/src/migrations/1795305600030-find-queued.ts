import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Notifications that wait, oldest first: one that waits for long may be a dead letter that nobody has told of. */
export class FindQueued1795305600030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX notification_queued ON notification (created_at) WHERE status = 'queued'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX notification_queued');
  }
}
