import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Erasure1790000000020 implements MigrationInterface {
  readonly name = 'Erasure1790000000020';

  async up(runner: QueryRunner): Promise<void> {
    // One an erased person. Whoever was merged into an erased customer has one of their own, which is part of it.
    await runner.query(`
      CREATE TABLE erasure (
        id           uuid PRIMARY KEY,
        customer_id  uuid NOT NULL UNIQUE,
        part_of      uuid REFERENCES erasure,
        requested_by text NOT NULL,
        requested_at timestamptz(3) NOT NULL DEFAULT now(),
        completed_at timestamptz(3),
        swept_at     timestamptz(3)
      )`);
    await runner.query('CREATE INDEX erasure_part_of ON erasure (part_of) WHERE part_of IS NOT NULL');
    await runner.query('CREATE INDEX erasure_pending ON erasure (requested_at) WHERE completed_at IS NULL');
    await runner.query(`
      CREATE TABLE erasure_group (
        erasure_id     uuid NOT NULL REFERENCES erasure,
        consumer_group text NOT NULL,
        confirmed_at   timestamptz(3),
        PRIMARY KEY (erasure_id, consumer_group)
      )`);
    await runner.query(
      'CREATE INDEX erasure_group_waiting ON erasure_group (consumer_group) WHERE confirmed_at IS NULL',
    );
    // What keeps a source system's next load from bringing an erased person back, without keeping the number itself.
    await runner.query(`
      CREATE TABLE erased_number (
        digest      bytea PRIMARY KEY,
        customer_id uuid NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE erased_number_salt (
        only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
        salt     bytea NOT NULL
      )`);
    await runner.query(
      'INSERT INTO erased_number_salt (salt) VALUES (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE erased_number_salt, erased_number, erasure_group, erasure');
  }
}
