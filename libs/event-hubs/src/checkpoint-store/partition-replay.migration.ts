import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether effects outside the database are wanted of what is read again. */
export class PartitionReplay1700000000110 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE partition_position ADD COLUMN replay_effects boolean NOT NULL DEFAULT false',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE partition_position DROP COLUMN replay_effects');
  }
}
