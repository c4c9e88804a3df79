import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Customer1790000000000 implements MigrationInterface {
  readonly name = 'Customer1790000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE customer (
        id             uuid PRIMARY KEY,
        version        integer NOT NULL CHECK (version > 0),
        account_number text NOT NULL UNIQUE,
        title          text,
        given_name     text NOT NULL,
        family_name    text NOT NULL,
        email          text,
        phone          text,
        birth_date     date,
        addresses      jsonb NOT NULL DEFAULT '{}',
        preferences    jsonb NOT NULL DEFAULT '{}',
        consents       jsonb NOT NULL DEFAULT '{}',
        created_at     timestamptz(3) NOT NULL,
        updated_at     timestamptz(3) NOT NULL
      )`);
    await runner.query('CREATE INDEX customer_email ON customer (lower(email), id)');
    await runner.query('CREATE INDEX customer_updated_at ON customer (updated_at, id)');
    // Apart from the customer: the tombstone (key null) outlives the row.
    await runner.query(`
      CREATE TABLE personal_data_key (
        customer_id uuid PRIMARY KEY,
        key         bytea CHECK (octet_length(key) = 32),
        erased_at   timestamptz(3),
        CHECK ((key IS NULL) = (erased_at IS NOT NULL))
      )`);
    await runner.query(`
      CREATE TABLE consumer_group (
        name          text PRIMARY KEY,
        registered_at timestamptz(3) NOT NULL DEFAULT now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE consumer_group, personal_data_key, customer');
  }
}
