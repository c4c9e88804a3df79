import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One row a replay, and where it began and ends in each partition. What is set aside remembers in which replay it was
 * read: a later one that begins behind it does not change that.
 */
export class ReplayTables1700000000600 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE consumer_replay (
        consumer_group text NOT NULL,
        generation integer NOT NULL,
        policy text NOT NULL CHECK (policy IN ('reapply', 'rebuild', 'verify')),
        effects boolean NOT NULL,
        whole boolean NOT NULL,
        started_by text NOT NULL,
        started_at timestamptz NOT NULL DEFAULT now(),
        outcome text CHECK (outcome IN ('finished', 'replaced')),
        ended_at timestamptz,
        PRIMARY KEY (consumer_group, generation)
      )`);
    await runner.query(
      `CREATE UNIQUE INDEX consumer_replay_running ON consumer_replay (consumer_group) WHERE outcome IS NULL`,
    );
    await runner.query(`
      CREATE TABLE consumer_replay_partition (
        consumer_group text NOT NULL,
        generation integer NOT NULL,
        namespace text COLLATE "C" NOT NULL,
        event_hub text COLLATE "C" NOT NULL,
        partition_id text COLLATE "C" NOT NULL,
        start_after bigint NOT NULL,
        until bigint NOT NULL,
        verified bigint NOT NULL DEFAULT 0,
        missing bigint NOT NULL DEFAULT 0,
        different bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (consumer_group, generation, partition_id),
        FOREIGN KEY (consumer_group, generation) REFERENCES consumer_replay
      )`);
    await runner.query(`
      CREATE TABLE consumer_replay_finding (
        consumer_group text NOT NULL,
        generation integer NOT NULL,
        partition_id text COLLATE "C" NOT NULL,
        sequence_number bigint NOT NULL,
        event_id text NOT NULL,
        source text NOT NULL,
        finding text NOT NULL CHECK (finding IN ('missing', 'different')),
        detail text,
        FOREIGN KEY (consumer_group, generation, partition_id) REFERENCES consumer_replay_partition
      )`);
    await runner.query(`
      CREATE INDEX consumer_replay_finding_place
        ON consumer_replay_finding (consumer_group, generation, partition_id, sequence_number)`);
    await runner.query(`
      ALTER TABLE set_aside_event
        ADD COLUMN replay_until bigint NOT NULL DEFAULT -1,
        ADD COLUMN replay_effects boolean NOT NULL DEFAULT false`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE set_aside_event DROP COLUMN replay_until, DROP COLUMN replay_effects');
    await runner.query('DROP TABLE consumer_replay_finding, consumer_replay_partition, consumer_replay');
  }
}
