import type { PartitionKey } from '../partition-store.js';
import { type OwnershipSession, ownerLockClass } from '../ownership-session.js';

export interface OwnershipRow {
  partition_id: string;
  owner_id: string;
  etag: string;
  /** By the database's clock, which may have been set since: see OwnershipAges. */
  age_ms: number;
  /** Whether the process that claimed it still holds its lock. */
  alive: boolean;
  /** Of its position, a bigint as text; null before the first claim. */
  epoch: string | null;
}

/** Two-key advisory locks are shown in pg_locks with objsubid 2 (PostgreSQL manual, 53.13). */
export function listOwnership(
  session: OwnershipSession,
  { namespace, eventHubName, consumerGroup }: Omit<PartitionKey, 'partitionId'>,
): Promise<OwnershipRow[]> {
  return session.query<OwnershipRow>(
    `SELECT partition_id, partition_ownership.owner_id, etag,
            (extract(epoch FROM clock_timestamp() - modified_at) * 1000)::float8 AS age_ms,
            EXISTS (SELECT FROM pg_locks l
                     WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted
                       AND l.classid = $4::int::oid AND l.objid = lock_id::oid
                       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS alive,
            epoch
       FROM partition_ownership
       LEFT JOIN partition_position USING (namespace, event_hub, consumer_group, partition_id)
      WHERE namespace = $1 AND event_hub = $2 AND consumer_group = $3
      ORDER BY partition_id`,
    [namespace, eventHubName, consumerGroup, ownerLockClass],
  );
}
