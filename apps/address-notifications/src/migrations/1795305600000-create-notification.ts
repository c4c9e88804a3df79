import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateNotification1795305600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE notification (
        id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        event_id    text NOT NULL UNIQUE,
        customer_id text NOT NULL,
        type        text NOT NULL,
        channel     text NOT NULL DEFAULT 'email',
        status      text NOT NULL CHECK (status IN ('queued', 'sent', 'failed', 'skipped')),
        reason      text,
        attempts    integer NOT NULL DEFAULT 0,
        content     text,
        retry_at    timestamptz NOT NULL DEFAULT now(),
        created_at  timestamptz NOT NULL DEFAULT now(),
        sent_at     timestamptz,
        CONSTRAINT content_while_queued CHECK ((content IS NOT NULL) = (status = 'queued'))
      )`);
    await runner.query('CREATE INDEX notification_customer ON notification (customer_id, id)');
    await runner.query(
      `CREATE INDEX notification_queued ON notification (customer_id, id) WHERE status = 'queued'`,
    );
    await runner.query(
      `CREATE INDEX notification_due ON notification (retry_at, id) WHERE status = 'queued'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE notification');
  }
}
