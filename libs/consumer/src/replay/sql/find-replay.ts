import type { StatementRunner } from '@app/event-hubs';
import type { ReplayPolicy } from '../replay-policy.js';

/** An event of which a consumer that verifies found no trace, or another one. */
export interface FindingDto {
  eventId: string;
  source: string;
  partitionId: string;
  sequenceNumber: number;
  finding: 'missing' | 'different';
  detail: string | null;
}

export interface ReplayPartitionDto {
  partitionId: string;
  /** The first event that is read again. */
  from: number;
  /** The last event that was there when the replay began. */
  until: number;
  eventsLeft: number;
}

export interface ReplayDto {
  generation: number;
  policy: ReplayPolicy;
  /** Whether effects outside the database are carried out again. */
  effects: boolean;
  state: 'running' | 'finished' | 'replaced';
  startedBy: string;
  startedAt: Date;
  endedAt: Date | null;
  partitions: ReplayPartitionDto[];
  /** Of a consumer that verifies. */
  verification?: { verified: number; missing: number; different: number; findings: FindingDto[] };
}

type ReplayRow = Omit<ReplayDto, 'partitions' | 'verification'>;
type PartitionRow = ReplayPartitionDto & { verified: number; missing: number; different: number };

const mostFindings = 100;

/** The last replay of a group; undefined when there was none. */
export async function findReplay(
  runner: StatementRunner,
  consumerGroup: string,
): Promise<ReplayDto | undefined> {
  const [replay] = (await runner.query(
    `SELECT generation, policy, effects, coalesce(outcome, 'running') AS state, started_by AS "startedBy",
            started_at AS "startedAt", ended_at AS "endedAt"
       FROM consumer_replay WHERE consumer_group = $1 ORDER BY generation DESC LIMIT 1`,
    [consumerGroup],
  )) as ReplayRow[];
  if (!replay) return undefined;
  const { generation, policy } = replay;
  const rows = (await runner.query(
    `SELECT r.partition_id AS "partitionId", (r.start_after + 1)::float8 AS "from", r.until::float8 AS until,
            greatest(0, r.until - greatest(p.sequence_number, r.start_after))::float8 AS "eventsLeft",
            r.verified::float8 AS verified, r.missing::float8 AS missing, r.different::float8 AS different
       FROM consumer_replay_partition r
       JOIN partition_position p USING (namespace, event_hub, consumer_group, partition_id)
      WHERE r.consumer_group = $1 AND r.generation = $2
      ORDER BY length(r.partition_id), r.partition_id`,
    [consumerGroup, generation],
  )) as PartitionRow[];
  const partitions = rows.map(({ partitionId, from, until, eventsLeft }) => ({
    partitionId,
    from,
    until,
    eventsLeft,
  }));
  if (policy !== 'verify') return { ...replay, partitions };
  const sum = (count: (row: PartitionRow) => number) => rows.reduce((total, row) => total + count(row), 0);
  const verification = {
    verified: sum(({ verified }) => verified),
    missing: sum(({ missing }) => missing),
    different: sum(({ different }) => different),
    findings: await findFindings(runner, consumerGroup, generation),
  };
  return { ...replay, partitions, verification };
}

async function findFindings(
  runner: StatementRunner,
  consumerGroup: string,
  generation: number,
): Promise<FindingDto[]> {
  return (await runner.query(
    `SELECT event_id AS "eventId", source, partition_id AS "partitionId",
            sequence_number::float8 AS "sequenceNumber", finding, detail
       FROM consumer_replay_finding WHERE consumer_group = $1 AND generation = $2
      ORDER BY partition_id, sequence_number LIMIT $3`,
    [consumerGroup, generation, mostFindings],
  )) as FindingDto[];
}
