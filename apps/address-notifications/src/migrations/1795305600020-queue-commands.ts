import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A notification is a command on a queue now. What was still to be sent becomes one without data: the worker takes its
 * content from the row, which nothing else fills any more.
 */
export class QueueCommands1795305600020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE notification DROP CONSTRAINT content_while_queued');
    await runner.query('DROP INDEX notification_queued');
    await runner.query('DROP INDEX notification_due');
    await runner.query('ALTER TABLE notification DROP COLUMN retry_at');
    await runner.query(`
      INSERT INTO command_outbox (message_id, name, subject, body)
      SELECT event_id, 'SendNotification', customer_id,
             json_build_object('notificationId', event_id, 'about', type, 'customerId', customer_id)::text
        FROM notification WHERE status = 'queued' ORDER BY id`);
  }

  async down(): Promise<void> {
    throw new Error('commands on the queue cannot be taken back');
  }
}
