import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `partition_ownership` is the SDK's: who reads which partition, renewed each second. `partition_position` is ours: how
 * far a group has come, and the epoch that fences whoever is no longer the owner.
 */
export class PartitionTables1700000000100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE partition_ownership (
        namespace text COLLATE "C" NOT NULL,
        event_hub text COLLATE "C" NOT NULL,
        consumer_group text COLLATE "C" NOT NULL,
        partition_id text COLLATE "C" NOT NULL,
        owner_id text NOT NULL,
        lock_id integer NOT NULL,
        etag uuid NOT NULL DEFAULT gen_random_uuid(),
        modified_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (namespace, event_hub, consumer_group, partition_id)
      ) WITH (fillfactor = 50)`);
    await runner.query(`
      CREATE TABLE partition_position (
        namespace text COLLATE "C" NOT NULL,
        event_hub text COLLATE "C" NOT NULL,
        consumer_group text COLLATE "C" NOT NULL,
        partition_id text COLLATE "C" NOT NULL,
        owner_id text NOT NULL,
        epoch bigint NOT NULL DEFAULT 1,
        generation integer NOT NULL DEFAULT 1,
        replay_until bigint NOT NULL DEFAULT -1,
        sequence_number bigint NOT NULL DEFAULT -1,
        event_offset text,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (namespace, event_hub, consumer_group, partition_id)
      ) WITH (fillfactor = 50)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE partition_position, partition_ownership');
  }
}
