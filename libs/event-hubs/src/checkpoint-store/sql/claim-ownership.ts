import type { PartitionKey } from '../partition-store.js';
import type { OwnershipSession } from '../ownership-session.js';

/**
 * Claims or renews a partition, if nobody has touched it since `etag` was read (no etag: if nobody ever had it), and
 * raises the position's epoch in the same statement when the owner is another than before. A renewal leaves the position
 * row alone. Answers the new etag, or undefined when the claim was lost.
 */
export async function claimOwnership(
  session: OwnershipSession,
  { namespace, eventHubName, consumerGroup, partitionId }: PartitionKey,
  owner: string,
  etag: string | undefined,
): Promise<string | undefined> {
  const rows = await session.query<{ etag: string }>(
    `WITH before AS (
       SELECT owner_id FROM partition_ownership
        WHERE namespace = $1 AND event_hub = $2 AND consumer_group = $3 AND partition_id = $4
     ), claimed AS (
       INSERT INTO partition_ownership AS o (namespace, event_hub, consumer_group, partition_id, owner_id, lock_id)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (namespace, event_hub, consumer_group, partition_id) DO UPDATE
          SET owner_id = excluded.owner_id, lock_id = excluded.lock_id,
              etag = gen_random_uuid(), modified_at = clock_timestamp()
        WHERE o.etag = $7
       RETURNING etag
     ), raised AS (
       INSERT INTO partition_position AS p (namespace, event_hub, consumer_group, partition_id, owner_id, generation)
       SELECT $1, $2, $3, $4, $5,
              coalesce((SELECT max(generation) FROM partition_position WHERE consumer_group = $3), 1)
         FROM claimed
        WHERE $5 <> '' AND NOT EXISTS (SELECT FROM before WHERE owner_id = $5)
       ON CONFLICT (namespace, event_hub, consumer_group, partition_id) DO UPDATE
          SET owner_id = excluded.owner_id, epoch = p.epoch + 1
     )
     SELECT etag FROM claimed`,
    [namespace, eventHubName, consumerGroup, partitionId, owner, await session.lockId(), etag],
  );
  return rows[0]?.etag;
}
