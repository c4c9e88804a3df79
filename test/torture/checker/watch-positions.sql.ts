/**
 * Notes each change of a position row in the consumer's own database, in the transaction that makes it and under the name
 * of the connection that does: who moved what, in the order of the commits.
 */
export const watchPositionsSql = `
  CREATE TABLE IF NOT EXISTS torture_movement (
    n bigserial PRIMARY KEY, txid bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    kind text NOT NULL, writer text NOT NULL, partition_id text NOT NULL, epoch bigint NOT NULL,
    generation int NOT NULL, sequence_number bigint NOT NULL);
  CREATE OR REPLACE FUNCTION torture_note() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO torture_movement (kind, writer, partition_id, epoch, generation, sequence_number)
    VALUES (TG_ARGV[0], current_setting('application_name'), NEW.partition_id, NEW.epoch, NEW.generation,
            NEW.sequence_number);
    RETURN NULL;
  END $$;
  CREATE OR REPLACE TRIGGER torture_moved AFTER UPDATE OF sequence_number ON partition_position
    FOR EACH ROW EXECUTE FUNCTION torture_note('moved');
  CREATE OR REPLACE TRIGGER torture_leased AFTER UPDATE OF epoch ON partition_position
    FOR EACH ROW EXECUTE FUNCTION torture_note('leased')`;
