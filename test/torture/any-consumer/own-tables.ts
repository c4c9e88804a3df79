import { consumerMigrations } from '@app/consumer';
import { openDatabase } from '@app/database';
import { CommandOutbox1700000000800, OutboxTables1700000000300 } from '@app/outbox';
import { testDatabase } from '@app/testing';
import type { Client } from 'pg';
import { type Rows } from '../checker/read-group.js';
import { rowsOf } from '../platform/rows.js';

const tablesSql = `SELECT relname AS name FROM pg_class
  WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
    AND relname NOT LIKE 'torture\\_%' ORDER BY 1`;

const namesIn = async (rows: Rows): Promise<string[]> =>
  (await rows<{ name: string }>(tablesSql)).map(({ name }) => name);

/** The tables that a consumer has made for itself: those that neither runtime nor outbox bring. */
export async function ownTables(sql: Client): Promise<string[]> {
  const empty = await testDatabase();
  try {
    const migrations = [...consumerMigrations, OutboxTables1700000000300, CommandOutbox1700000000800];
    const source = await openDatabase(empty.url, { migrations });
    const runtime = await namesIn((text) => source.query(text));
    await source.destroy();
    return (await namesIn(rowsOf(sql))).filter((name) => !runtime.includes(name));
  } finally {
    await empty.drop();
  }
}

/** Notes the transaction of each row that comes to be in these tables. */
export const watchInsertsSql = (tables: readonly string[]): string => `
  CREATE TABLE torture_insert (txid bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint, tbl text NOT NULL);
  CREATE FUNCTION torture_note_insert() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO torture_insert (tbl) VALUES (TG_TABLE_NAME);
    RETURN NULL;
  END $$;
  ${tables.map((table) => `CREATE TRIGGER torture_inserted AFTER INSERT ON "${table}" FOR EACH ROW EXECUTE FUNCTION torture_note_insert();`).join('\n')}`;

const outsideSql = `
  SELECT 'a row of ' || tbl || ', in transaction ' || txid AS outside FROM torture_insert AS made
   WHERE NOT EXISTS (SELECT FROM torture_movement WHERE kind = 'moved' AND torture_movement.txid = made.txid)
     AND NOT EXISTS (SELECT FROM inbox WHERE inbox.xmin::text::bigint = made.txid % 4294967296)`;

/** Rows whose transaction neither moved a position nor noted an event as done: what a crash would leave half. */
export async function outsideIn(sql: Client): Promise<string[]> {
  const rows = await rowsOf(sql)<{ outside: string }>(outsideSql);
  return rows.map(({ outside }) => outside);
}
