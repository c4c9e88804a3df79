import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateAudit1795305600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_entry (
        partition_id    smallint NOT NULL,
        position        bigint NOT NULL,
        event_id        text NOT NULL,
        source          text NOT NULL,
        type            text NOT NULL,
        subject         text,
        headers      text NOT NULL,
        body            bytea NOT NULL,
        sequence_number bigint NOT NULL,
        enqueued_at     bigint NOT NULL,
        recorded_at     bigint NOT NULL,
        previous_hash   bytea NOT NULL,
        hash            bytea NOT NULL,
        PRIMARY KEY (partition_id, position),
        UNIQUE (event_id, source)
      )`);
    await runner.query('CREATE INDEX audit_entry_subject ON audit_entry (subject, partition_id, position)');
    await runner.query(`
      CREATE TABLE audit_chain (
        partition_id smallint PRIMARY KEY,
        position     bigint NOT NULL,
        hash         bytea NOT NULL
      )`);
    await runner.query(`
      CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN RAISE EXCEPTION 'the audit is append-only: % is refused', TG_OP; END $$`);
    await runner.query(`
      CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_chain, audit_entry');
    await runner.query('DROP FUNCTION refuse_audit_change');
  }
}
