import type { QueryResult } from 'pg';
import type { DataSource } from 'typeorm';
import type { Random } from '@app/testing';
import type { MemoryLog, Sender } from '../outbox/memory-log.js';
import { interceptQueries } from './intercept-queries.js';

/** Bugs that an outbox may have; each must be found by the race of commits. */
export const outboxSabotages = [
  'id-greater-than-last',
  'published-before-ack',
  'parallel-in-flight',
] as const;
export type OutboxSabotage = (typeof outboxSabotages)[number];

/** The last statement of those that begin a batch. */
const batchOf = /SELECT \* FROM outbox WHERE partition_id = (\d+)/;
const rowsOf = (answers: unknown) => (answers as QueryResult<{ id: string }>[]).at(-1)?.rows ?? [];

/** The last id that was published, a partition: as a table of the relays' would keep it. */
export type Cursor = Map<string, bigint>;

/** What a relay reads and deletes goes through here. */
export function sabotageSource(
  source: DataSource,
  sabotage: OutboxSabotage | undefined,
  cursor: Cursor,
): DataSource {
  if (sabotage === 'id-greater-than-last') return readByCursor(source, cursor);
  if (sabotage === 'published-before-ack') return deleteBeforeSending(source);
  return source;
}

export function sabotageSender(log: MemoryLog, random: Random, sabotage: OutboxSabotage | undefined): Sender {
  const sender = log.sender(random);
  if (sabotage !== 'parallel-in-flight') return sender;
  // One message an event, all of them on their way at once.
  return {
    ...sender,
    send: async (partitionId, events) => {
      await Promise.all(
        events.map(async (event) => {
          for (let sent = false; !sent;)
            sent = await sender.send(partitionId, [event]).then(
              () => true,
              () => false,
            );
        }),
      );
      return events.length;
    },
  };
}

/** The classic: ids as a cursor. What commits late with an early id is never seen. */
function readByCursor(source: DataSource, last: Cursor): DataSource {
  return interceptQueries(source, async (query, sql, parameters) => {
    const partition = batchOf.exec(sql)?.[1];
    if (partition === undefined) return query(sql, parameters);
    const after = last.get(partition) ?? 0n;
    const answers = await query(sql.replace(batchOf, `$& AND id > ${after}`), parameters);
    const end = rowsOf(answers).at(-1);
    if (end) last.set(partition, BigInt(end.id));
    return answers;
  });
}

/** Rows are taken as published once they have been read: an engine that fails then has lost them. */
function deleteBeforeSending(source: DataSource): DataSource {
  return interceptQueries(source, async (query, sql, parameters) => {
    const answers = await query(sql, parameters);
    if (batchOf.test(sql)) {
      await query('DELETE FROM outbox WHERE id = ANY($1::bigint[])', [rowsOf(answers).map(({ id }) => id)]);
      await query('COMMIT');
      await query('BEGIN');
    }
    return answers;
  });
}
