import { queryPrepared } from '@app/database';
import type { EntityManager } from 'typeorm';
import type { GridAttributes } from '../domain/event.js';

/** A delivery that is this process's to make, until its time is up. */
export interface Claimed {
  id: string;
  subscriptionId: string;
  /** This one included; who comes late with an older number settles nothing. */
  attempt: number;
  publishedAt: Date;
  attributes: GridAttributes;
  /** JSON text. */
  data: string | null;
  /** By `performance.now()`: from then on another process may have it. */
  validUntil: number;
}

interface Row {
  id: string;
  subscription_id: string;
  attempts: number;
  published_at: Date;
  attributes: GridAttributes;
  data: string | null;
}

/** A claim that a crash of PostgreSQL takes back has done no harm: nobody waits for it to be on disk. */
const statement = {
  name: 'event_grid_claim',
  text: `WITH unsynced AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
     UPDATE delivery d
        SET attempts = d.attempts + 1, locked_until = clock_timestamp() + $4 * interval '1 ms'
       FROM unsynced CROSS JOIN unnest($1::bigint[], $2::integer[]) AS share (subscription_id, most)
      CROSS JOIN LATERAL (
            SELECT id, event_key FROM delivery
             WHERE subscription_id = share.subscription_id AND state = 'waiting' AND next_at <= $3
               AND locked_until < clock_timestamp()
             ORDER BY next_at, id LIMIT share.most
               FOR UPDATE SKIP LOCKED) AS due
       JOIN grid_event e ON e.id = due.event_key
      WHERE d.id = due.id
     RETURNING d.id, d.subscription_id, d.attempts, d.published_at, e.attributes, e.data`,
};

/**
 * Takes deliveries that are due, so many of each subscription: others pass them over for `leaseMs` of the database's own
 * time. A process that dies leaves them to be taken again then, and counts the attempt.
 */
export async function claimDeliveries(
  manager: EntityManager,
  shares: ReadonlyMap<string, number>,
  { now, leaseMs }: { now: Date; leaseMs: number },
): Promise<Claimed[]> {
  const validUntil = performance.now() + leaseMs;
  const values = [[...shares.keys()], [...shares.values()], now, leaseMs];
  const rows = await queryPrepared<Row>(manager, statement, values);
  return rows.map((row) => ({
    id: row.id,
    subscriptionId: row.subscription_id,
    attempt: row.attempts,
    publishedAt: row.published_at,
    attributes: row.attributes,
    data: row.data,
    validUntil,
  }));
}
