import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Mails that were sent to somebody who has been erased since, and lie in the local mailbox still. */
export class RecallMails1795305600010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE notification ADD to_recall boolean NOT NULL DEFAULT false');
    await runner.query('CREATE INDEX notification_to_recall ON notification (id) WHERE to_recall');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE notification DROP to_recall');
  }
}
