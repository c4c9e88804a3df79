import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Events that are committed and not yet acknowledged by the engine. Rows come and go by the thousand, so the table is
 * vacuumed by count, not by share. `outbox_rejected` keeps what no message can carry, for somebody to look at.
 */
export class OutboxTables1700000000300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        partition_id smallint NOT NULL,
        event_id uuid NOT NULL,
        subject text NOT NULL,
        customerversion integer,
        attributes jsonb NOT NULL,
        body text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)`);
    await runner.query('CREATE INDEX outbox_partition ON outbox (partition_id, id)');
    await runner.query(`
      CREATE TABLE outbox_rejected (
        LIKE outbox,
        reason text NOT NULL,
        rejected_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE outbox_rejected, outbox');
  }
}
