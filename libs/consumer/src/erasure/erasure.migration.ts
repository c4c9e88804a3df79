import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Erasures that this consumer has carried out and has still to confirm. */
export class ErasureTable1700000000400 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE erasure_to_confirm (
        erasure_id text PRIMARY KEY,
        carried_out_at timestamptz NOT NULL DEFAULT now(),
        attempts integer NOT NULL DEFAULT 0,
        next_at timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE erasure_to_confirm');
  }
}
