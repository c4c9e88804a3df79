import type { MigrationInterface, QueryRunner } from 'typeorm';

export class History1790000000050 implements MigrationInterface {
  readonly name = 'History1790000000050';

  async up(runner: QueryRunner): Promise<void> {
    // `data` is the event's, personal data sealed; null of CustomerAdded, which an import writes by the million and whose
    // values are those that the changes since then name as previous.
    await runner.query(`
      CREATE TABLE customer_history (
        customer_id uuid NOT NULL,
        version     integer NOT NULL,
        event_id    uuid NOT NULL,
        type        text NOT NULL,
        at          timestamptz(3) NOT NULL,
        actor       text NOT NULL,
        changed     jsonb NOT NULL,
        data        jsonb,
        PRIMARY KEY (customer_id, version)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE customer_history');
  }
}
