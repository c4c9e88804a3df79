import type { PartitionLease, StatementRunner } from '@app/event-hubs';
import { type Selected, selectEvent, type WantedEvent } from '../../runtime/select-events.js';
import { receivedFrom, type StoredMessage } from '../stored-message.js';

interface EventRow {
  generation: number;
  namespace: string;
  event_hub: string;
  partition_id: string;
  sequence_number: string;
  message: StoredMessage;
  body: Buffer;
  replay_until: string | null;
}

export interface WaitingEvent {
  event: WantedEvent;
  /** Where it was read: what its handler learns about its place. */
  place: Pick<PartitionLease, 'partitionId' | 'generation' | 'replayUntil'>;
}

/** Bodies of one transaction; the first event is loaded however large it is. */
const mostBytes = 4 * 1024 * 1024;

/** A customer's next events, in the order of the stream. */
export async function loadWaiting(
  runner: StatementRunner,
  consumerGroup: string,
  customerId: string,
  limit: number,
): Promise<WaitingEvent[]> {
  const rows = (await runner.query(
    `WITH next AS (
       SELECT *, sum(length(body)) OVER (ORDER BY sequence_number) - length(body) AS before
         FROM (SELECT * FROM set_aside_event WHERE customer_id = $1 ORDER BY sequence_number LIMIT $3) waiting
     )
     SELECT e.generation, e.namespace, e.event_hub, e.partition_id, e.sequence_number, e.message, e.body,
            p.replay_until
       FROM next e
       LEFT JOIN partition_position p
         ON p.namespace = e.namespace AND p.event_hub = e.event_hub AND p.partition_id = e.partition_id
        AND p.consumer_group = $2
      WHERE e.before < $4 ORDER BY e.sequence_number`,
    [customerId, consumerGroup, limit, mostBytes],
  )) as EventRow[];
  return rows.map((row) => ({
    event: wantedFrom(row),
    place: {
      partitionId: row.partition_id,
      generation: row.generation,
      replayUntil: Number(row.replay_until ?? -1),
    },
  }));
}

function wantedFrom({ message, sequence_number, body }: EventRow): WantedEvent {
  const selected: Selected = selectEvent(receivedFrom(message, Number(sequence_number), body), () => true);
  if (selected.kind === 'wanted') return selected.event;
  throw new Error(`an event that was set aside cannot be read back: ${JSON.stringify(selected)}`);
}
