import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateEventGrid1795910400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE event_subscription (
        id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name                  text NOT NULL UNIQUE,
        origin                text NOT NULL CHECK (origin IN ('rest', 'file')),
        properties            jsonb NOT NULL,
        signing_secret        text NOT NULL,
        previous_secret       text,
        previous_secret_until timestamptz,
        state                 text NOT NULL CHECK (state IN ('Creating', 'Succeeded', 'Failed')),
        validation_code       text NOT NULL,
        handshake_attempts    integer NOT NULL DEFAULT 0,
        handshake_begun_at    timestamptz NOT NULL,
        next_handshake_at     timestamptz NOT NULL,
        handshake_error       text,
        created_by            text NOT NULL,
        created_at            timestamptz NOT NULL,
        updated_at            timestamptz NOT NULL
      )`);
    // Raised by whatever changes a subscription: who has them in memory sees that they are old.
    await runner.query('CREATE TABLE subscription_set (revision bigint NOT NULL)');
    await runner.query('INSERT INTO subscription_set VALUES (0)');
    await runner.query(`
      CREATE FUNCTION raise_subscription_revision() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN UPDATE subscription_set SET revision = revision + 1; RETURN NULL; END $$`);
    await runner.query(`
      CREATE TRIGGER event_subscription_changed AFTER INSERT OR UPDATE OR DELETE ON event_subscription
      FOR EACH ROW EXECUTE FUNCTION raise_subscription_revision()`);
    await runner.query(`
      CREATE TABLE grid_event (
        id         uuid PRIMARY KEY,
        subject    text,
        attributes jsonb NOT NULL,
        data       text,
        erased     boolean NOT NULL DEFAULT false
      )`);
    await runner.query('CREATE INDEX grid_event_subject ON grid_event (subject) WHERE subject IS NOT NULL');
    // \`history\` has one entry an attempt; a redrive begins the count of attempts anew, not the history.
    await runner.query(`
      CREATE TABLE delivery (
        id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        subscription_id    bigint NOT NULL REFERENCES event_subscription ON DELETE CASCADE,
        event_key          uuid NOT NULL REFERENCES grid_event,
        state              text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'dead')),
        attempts           integer NOT NULL DEFAULT 0,
        published_at       timestamptz NOT NULL,
        next_at            timestamptz NOT NULL,
        locked_until       timestamptz NOT NULL DEFAULT '-infinity',
        settled_at         timestamptz,
        dead_letter_reason text,
        history            jsonb NOT NULL DEFAULT '[]'
      ) WITH (fillfactor = 80)`);
    await runner.query(
      `CREATE INDEX delivery_due ON delivery (subscription_id, next_at, id) WHERE state = 'waiting'`,
    );
    await runner.query(`CREATE INDEX delivery_dead ON delivery (subscription_id, id) WHERE state = 'dead'`);
    await runner.query('CREATE INDEX delivery_subscription ON delivery (subscription_id, id)');
    await runner.query('CREATE INDEX delivery_event ON delivery (event_key)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE delivery, grid_event, event_subscription, subscription_set');
    await runner.query('DROP FUNCTION raise_subscription_revision');
  }
}
