import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Where events wait whose customer's turn is held up. The customer's row is the lock that arrivals and the drainer
 * share, and goes with the last event; `set_aside_end` remembers what left without being applied.
 */
export class SetAsideTables1700000000300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE set_aside_customer (
        customer_id text COLLATE "C" PRIMARY KEY,
        state text NOT NULL CHECK (state IN ('retrying', 'parked')),
        attempts integer NOT NULL,
        next_at timestamptz NOT NULL,
        first_failed_at timestamptz,
        last_failed_at timestamptz,
        reason text,
        stack_digest text
      ) WITH (fillfactor = 70)`);
    await runner.query(
      `CREATE INDEX set_aside_customer_due ON set_aside_customer (next_at) WHERE state = 'retrying'`,
    );
    await runner.query(`
      CREATE TABLE set_aside_event (
        key uuid PRIMARY KEY,
        customer_id text COLLATE "C" NOT NULL REFERENCES set_aside_customer,
        generation integer NOT NULL,
        event_id text NOT NULL,
        source text NOT NULL,
        type text NOT NULL,
        namespace text NOT NULL,
        event_hub text NOT NULL,
        partition_id text NOT NULL,
        sequence_number bigint NOT NULL,
        message json NOT NULL,
        body bytea NOT NULL,
        set_aside_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(
      'CREATE INDEX set_aside_event_order ON set_aside_event (customer_id, sequence_number)',
    );
    await runner.query(`
      CREATE TABLE set_aside_end (
        key uuid NOT NULL,
        generation integer NOT NULL,
        customer_id text NOT NULL,
        event_id text NOT NULL,
        source text NOT NULL,
        type text NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('discarded', 'erased', 'replayed')),
        reason text,
        actor text,
        ended_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (key, generation)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE set_aside_end, set_aside_event, set_aside_customer');
  }
}
