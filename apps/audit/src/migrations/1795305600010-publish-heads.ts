import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far the chain has been published outside: a file of heads that ends before is not the one that was written. */
export class PublishHeads1795305600010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE audit_chain ADD COLUMN published bigint NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE audit_chain DROP COLUMN published');
  }
}
