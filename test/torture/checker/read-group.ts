import type { Applied, GroupEvidence, Lease, Movement } from './evidence.js';

/** Runs a statement and answers its rows: a client of pg, or a data source. */
export type Rows = <Row>(sql: string) => Promise<Row[]>;

type MovementRow = Movement & { kind: 'moved' | 'leased'; writer: string };

/** What a consumer's database tells of its group, once `watchPositionsSql` has been run in it. */
export async function readGroup(
  rows: Rows,
  group: string,
  wanted?: readonly string[],
): Promise<GroupEvidence> {
  const noted = await rows<MovementRow>(
    `SELECT kind, writer, partition_id AS partition, epoch::float8 AS epoch, generation,
            sequence_number::float8 AS "sequenceNumber" FROM torture_movement ORDER BY n`,
  );
  const leases: Lease[] = noted.filter(({ kind }) => kind === 'leased');
  const movements = noted.filter(({ kind }) => kind === 'moved');
  // xmin has 32 bits only; the transaction that moved the position wrote the inbox, too.
  const applied = await rows<AppliedRow>(
    `WITH moved AS (SELECT txid, row_number() OVER (ORDER BY n)::int - 1 AS index FROM torture_movement
                     WHERE kind = 'moved')
     SELECT event_id AS "eventId", generation, index AS movement
       FROM inbox LEFT JOIN moved ON txid % 4294967296 = inbox.xmin::text::bigint`,
  );
  const aside = await rows<{ id: string }>(
    'SELECT event_id AS id FROM set_aside_event UNION ALL SELECT event_id FROM set_aside_end',
  );
  return {
    group,
    ...(wanted && { wanted }),
    movements,
    leases,
    applied: applied.map(appliedOf),
    aside: aside.map(({ id }) => id),
  };
}

interface AppliedRow {
  eventId: string;
  generation: number;
  movement: number | null;
}

const appliedOf = ({ eventId, generation, movement }: AppliedRow): Applied =>
  movement === null ? { eventId, generation } : { eventId, generation, movement };
