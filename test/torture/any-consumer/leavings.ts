import type { Client } from 'pg';
import { rowsOf } from '../platform/rows.js';

/** What a consumer has left: its own rows, by table, and the keys of the events that its last generation has done. */
export interface Leavings {
  tables: ReadonlyMap<string, readonly Row[]>;
  done: readonly string[];
  /** What it has written to the stream, each event once. */
  written: readonly string[];
}

type Row = Readonly<Record<string, unknown>>;

/** What is on the hub: events of the run, and others, which come to be anew in each run, such as the act of a replay. */
export interface OnTheHub {
  sent: ReadonlySet<string>;
  others: ReadonlySet<string>;
  /** Of the others, what has been written since the run began. */
  written: readonly string[];
}

/** Leaves out what is about an event that is none of the run's. */
export async function readLeavings(
  sql: Client,
  own: readonly string[],
  { sent, others, written }: OnTheHub,
): Promise<Leavings> {
  const tables = new Map<string, Row[]>();
  for (const table of own) {
    const rows = await rowsOf(sql)<{ row: Row }>(`SELECT to_jsonb(t) AS row FROM "${table}" AS t`);
    tables.set(
      table,
      rows
        .map(({ row }) => row)
        .filter((row) => !Object.values(row).some((value) => others.has(String(value)))),
    );
  }
  const done = await rowsOf(sql)<{ key: string }>(
    'SELECT event_id AS key FROM inbox WHERE generation = (SELECT max(generation) FROM inbox)',
  );
  return { tables, done: done.map(({ key }) => key).filter((key) => sent.has(key)), written };
}

/** Columns in which two calm runs differ, such as a time or a number that the database gave: they compare nothing. */
export function columnsOfChance(one: Leavings, other: Leavings): Set<string> {
  const columns = new Set<string>();
  for (const [table, rows] of one.tables)
    for (const column of new Set(rows.flatMap((row) => Object.keys(row)))) {
      const valuesIn = (all: readonly Row[] = []) => all.map((row) => JSON.stringify(row[column])).toSorted();
      if (valuesIn(rows).join() !== valuesIn(other.tables.get(table)).join())
        columns.add(`${table}.${column}`);
    }
  return columns;
}

/** One line an effect, so that two runs can be held against one another. */
export function linesOf({ tables, done, written }: Leavings, without: ReadonlySet<string>): string[] {
  const lines = [...done.map((key) => `done ${key}`), ...written.map((event) => `written ${event}`)];
  for (const [table, rows] of tables)
    for (const row of rows) {
      const told = Object.entries(row).filter(([column]) => !without.has(`${table}.${column}`));
      if (told.length === 0) continue; // all of it to chance: what a job of its own fills at its own time
      lines.push(
        `${table} ${JSON.stringify(Object.fromEntries(told.toSorted(([a], [b]) => a.localeCompare(b))))}`,
      );
    }
  return lines;
}
