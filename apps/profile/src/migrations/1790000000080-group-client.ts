import type { MigrationInterface, QueryRunner } from 'typeorm';

export class GroupClient1790000000080 implements MigrationInterface {
  readonly name = 'GroupClient1790000000080';

  async up(runner: QueryRunner): Promise<void> {
    // Whose group it is: the client that registered it, and nobody else, confirms erasures for it. Null of a group that has
    // not been heard of since.
    await runner.query('ALTER TABLE consumer_group ADD COLUMN client text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE consumer_group DROP COLUMN client');
  }
}
