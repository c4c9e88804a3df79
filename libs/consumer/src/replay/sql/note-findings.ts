import type { StatementRunner } from '@app/event-hubs';

/** An event whose trace is not what the log says. */
export interface Finding {
  eventId: string;
  source: string;
  sequenceNumber: number;
  finding: 'missing' | 'different';
  /** What differs, in a line. */
  detail?: string;
}

export interface Findings {
  /** Events that were found as the log has them. */
  verified: number;
  findings: readonly Finding[];
}

/** Kept one by one, a partition; beyond that they are counted. */
const mostKept = 1_000;

/** In the transaction of the handler that compared: counted once, whatever is run again. */
export async function noteFindings(
  runner: StatementRunner,
  place: { consumerGroup: string; generation: number; partitionId: string },
  { verified, findings }: Findings,
): Promise<void> {
  const count = (kind: Finding['finding']) => findings.filter(({ finding }) => finding === kind).length;
  await runner.query(
    `WITH counted AS (
       UPDATE consumer_replay_partition
          SET verified = verified + $4, missing = missing + $5, different = different + $6
        WHERE consumer_group = $1 AND generation = $2 AND partition_id = $3
       RETURNING missing + different - $5 - $6 AS kept
     )
     INSERT INTO consumer_replay_finding
            (consumer_group, generation, partition_id, sequence_number, event_id, source, finding, detail)
     SELECT $1, $2, $3, sequence_number, event_id, source, finding, detail
       FROM counted, unnest($7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[]) WITH ORDINALITY
            AS f (sequence_number, event_id, source, finding, detail, n)
      WHERE kept + n <= ${mostKept}`,
    [
      place.consumerGroup,
      place.generation,
      place.partitionId,
      verified,
      count('missing'),
      count('different'),
      findings.map(({ sequenceNumber }) => sequenceNumber),
      findings.map(({ eventId }) => eventId),
      findings.map(({ source }) => source),
      findings.map(({ finding }) => finding),
      findings.map(({ detail }) => detail ?? null),
    ],
  );
}
