import type { StatementRunner } from '@app/event-hubs';
import type { ReplayPolicy } from '../replay-policy.js';

export interface Stream {
  namespace: string;
  eventHubName: string;
  consumerGroup: string;
}

export interface LockedPosition {
  partitionId: string;
  sequenceNumber: number;
}

/** Where one partition is read from, in the new generation. */
export interface PartitionStart {
  partitionId: string;
  /** The last event that is not read again. */
  startAfter: number;
  /** Where the log ended at the begin: the replay is over when this has been done. */
  until: number;
}

export interface NewReplay {
  generation: number;
  policy: ReplayPolicy;
  effects: boolean;
  /** Begins at the first event that there is in every partition. */
  whole: boolean;
  startedBy: string;
}

/** Takes every position of the hub: whoever reads waits here, and is refused then. A partition nobody read yet gets one. */
export async function lockPositions(
  runner: StatementRunner,
  { namespace, eventHubName, consumerGroup }: Stream,
  partitionIds: readonly string[],
): Promise<LockedPosition[]> {
  await runner.query(
    `INSERT INTO partition_position (namespace, event_hub, consumer_group, partition_id, owner_id)
     SELECT $1, $2, $3, id, '' FROM unnest($4::text[]) AS id ORDER BY id
     ON CONFLICT DO NOTHING`,
    [namespace, eventHubName, consumerGroup, partitionIds],
  );
  return (await runner.query(
    `SELECT partition_id AS "partitionId", sequence_number::float8 AS "sequenceNumber"
       FROM partition_position
      WHERE namespace = $1 AND event_hub = $2 AND consumer_group = $3 AND partition_id = ANY($4::text[])
      ORDER BY partition_id FOR UPDATE`,
    [namespace, eventHubName, consumerGroup, partitionIds],
  )) as LockedPosition[];
}

export async function nextGeneration(runner: StatementRunner, consumerGroup: string): Promise<number> {
  const [row] = (await runner.query(
    `SELECT 1 + greatest(
       (SELECT max(generation) FROM partition_position WHERE consumer_group = $1),
       (SELECT max(generation) FROM consumer_replay WHERE consumer_group = $1), 1) AS generation`,
    [consumerGroup],
  )) as [{ generation: number }];
  return row.generation;
}

/**
 * Puts every partition where it is to be read from. What had been read by then is a replay from now on; where a replay
 * was under way, what that one had still to read stays one.
 */
export async function movePositions(
  runner: StatementRunner,
  { namespace, eventHubName, consumerGroup }: Stream,
  { generation, effects }: NewReplay,
  starts: readonly PartitionStart[],
): Promise<void> {
  await runner.query(
    `UPDATE partition_position p
        SET generation = $4, epoch = epoch + 1, sequence_number = s.start_after, replay_effects = $5,
            replay_until = greatest(p.replay_until, p.sequence_number), updated_at = now(),
            event_offset = CASE WHEN p.sequence_number = s.start_after THEN p.event_offset END
       FROM unnest($6::text[], $7::bigint[]) AS s (partition_id, start_after)
      WHERE p.namespace = $1 AND p.event_hub = $2 AND p.consumer_group = $3 AND p.partition_id = s.partition_id`,
    [
      namespace,
      eventHubName,
      consumerGroup,
      generation,
      effects,
      starts.map(({ partitionId }) => partitionId),
      starts.map(({ startAfter }) => startAfter),
    ],
  );
}

/** Writes the replay down; one that was under way ends here. */
export async function recordReplay(
  runner: StatementRunner,
  { namespace, eventHubName, consumerGroup }: Stream,
  { generation, policy, effects, whole, startedBy }: NewReplay,
  starts: readonly PartitionStart[],
): Promise<void> {
  await runner.query(
    `UPDATE consumer_replay SET outcome = 'replaced', ended_at = now()
      WHERE consumer_group = $1 AND outcome IS NULL`,
    [consumerGroup],
  );
  await runner.query(
    `INSERT INTO consumer_replay (consumer_group, generation, policy, effects, whole, started_by)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [consumerGroup, generation, policy, effects, whole, startedBy],
  );
  await runner.query(
    `INSERT INTO consumer_replay_partition
            (consumer_group, generation, namespace, event_hub, partition_id, start_after, until)
     SELECT $1, $2::int, $3, $4, id, start_after, until
       FROM unnest($5::text[], $6::bigint[], $7::bigint[]) AS s (id, start_after, until)`,
    [
      consumerGroup,
      generation,
      namespace,
      eventHubName,
      starts.map(({ partitionId }) => partitionId),
      starts.map(({ startAfter }) => startAfter),
      starts.map(({ until }) => until),
    ],
  );
}
