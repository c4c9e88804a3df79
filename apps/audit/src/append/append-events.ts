import { queryPrepared } from '@app/database';
import type { EntityManager } from 'typeorm';
import type { AuditedEvent, ChainHead } from '../domain/audit-entry.js';
import { extend, genesisHash } from '../domain/chain.js';

const lockHeadStatement = {
  name: 'audit_lock_head',
  text: 'SELECT position, hash FROM audit_chain WHERE partition_id = $1 FOR UPDATE',
};

const appendStatement = {
  name: 'audit_append',
  text: `WITH head AS (
       UPDATE audit_chain SET position = $2, hash = $3 WHERE partition_id = $1
     )
     INSERT INTO audit_entry (partition_id, position, event_id, source, type, subject, headers, body,
                              sequence_number, enqueued_at, recorded_at, previous_hash, hash)
     SELECT $1, position, event_id, source, type, subject, headers, body,
            sequence_number, enqueued_at, $4, previous_hash, hash
       FROM unnest($5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::bytea[],
                   $12::bigint[], $13::bigint[], $14::bytea[], $15::bytea[])
            AS entry (position, event_id, source, type, subject, headers, body,
                      sequence_number, enqueued_at, previous_hash, hash)`,
};

/**
 * Appends events to the chain of their partition, in the caller's transaction. The head row stays locked until the
 * commit, so that writers of one partition append one after the other; other partitions go on.
 * An event that is in the audit already is left out.
 * @returns how many were appended.
 */
export async function appendEvents(
  sql: EntityManager,
  partitionId: number,
  events: readonly AuditedEvent[],
  recordedAt: number,
): Promise<number> {
  const head = await lockHead(sql, partitionId);
  const fresh = await notYetAudited(sql, events);
  if (fresh.length === 0) return 0;
  const { entries, head: next } = extend(head, fresh, recordedAt);
  await queryPrepared(sql, appendStatement, [
    partitionId,
    next.position,
    next.hash,
    recordedAt,
    entries.map((entry) => entry.position),
    entries.map((entry) => entry.eventId),
    entries.map((entry) => entry.source),
    entries.map((entry) => entry.type),
    entries.map((entry) => entry.subject),
    entries.map((entry) => entry.headers),
    entries.map((entry) => entry.body),
    entries.map((entry) => entry.sequenceNumber),
    entries.map((entry) => entry.enqueuedAt),
    entries.map((entry) => entry.previousHash),
    entries.map((entry) => entry.hash),
  ]);
  return entries.length;
}

async function lockHead(sql: EntityManager, partitionId: number): Promise<ChainHead> {
  const head = await findHead(sql, partitionId);
  if (head) return head;
  await sql.query(
    'INSERT INTO audit_chain (partition_id, position, hash) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING',
    [partitionId, genesisHash],
  );
  const made = await findHead(sql, partitionId);
  if (!made) throw new Error(`the chain of partition ${partitionId} vanished`);
  return made;
}

async function findHead(sql: EntityManager, partitionId: number): Promise<ChainHead | undefined> {
  const [row] = await queryPrepared<{ position: string; hash: Buffer }>(sql, lockHeadStatement, [
    partitionId,
  ]);
  return row && { partitionId, position: BigInt(row.position), hash: row.hash };
}

/** Looked up under the lock: nobody else appends to this chain meanwhile. */
async function notYetAudited(sql: EntityManager, events: readonly AuditedEvent[]): Promise<AuditedEvent[]> {
  const known = await sql.query<{ event_id: string; source: string }[]>(
    `SELECT event_id, source FROM audit_entry
      JOIN unnest($1::text[], $2::text[]) AS wanted (event_id, source) USING (event_id, source)`,
    [events.map((event) => event.eventId), events.map((event) => event.source)],
  );
  const seen = new Set(known.map((row) => nameOf(row.source, row.event_id)));
  return events.filter(({ source, eventId }) => {
    const name = nameOf(source, eventId);
    return !seen.has(name) && seen.add(name);
  });
}

const nameOf = (source: string, eventId: string): string => JSON.stringify([source, eventId]);
