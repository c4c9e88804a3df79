import type { PartitionLease, StatementRunner } from '@app/event-hubs';
import { type Selected, selectEvent, type WantedEvent } from '../../runtime/select-events.js';
import { receivedFrom, type StoredMessage } from '../stored-message.js';

interface EventRow {
  generation: number;
  partition_id: string;
  sequence_number: string;
  message: StoredMessage;
  body: Buffer;
  replay_until: string;
  replay_effects: boolean;
}

export interface WaitingEvent {
  event: WantedEvent;
  /** Where it was read: what its handler learns about its place. */
  place: Pick<PartitionLease, 'partitionId' | 'generation' | 'replayUntil' | 'replayEffects'>;
}

/** Bodies of one transaction; the first event is loaded however large it is. */
const mostBytes = 4 * 1024 * 1024;

/** A customer's next events, in the order of the stream. */
export async function loadWaiting(
  runner: StatementRunner,
  customerId: string,
  limit: number,
): Promise<WaitingEvent[]> {
  const rows = (await runner.query(
    `WITH next AS (
       SELECT *, sum(length(body)) OVER (ORDER BY sequence_number) - length(body) AS before
         FROM (SELECT * FROM set_aside_event WHERE customer_id = $1 ORDER BY sequence_number LIMIT $2) waiting
     )
     SELECT generation, partition_id, sequence_number, message, body, replay_until, replay_effects
       FROM next WHERE before < $3 ORDER BY sequence_number`,
    [customerId, limit, mostBytes],
  )) as EventRow[];
  return rows.map((row) => ({
    event: wantedFrom(row),
    place: {
      partitionId: row.partition_id,
      generation: row.generation,
      replayUntil: Number(row.replay_until),
      replayEffects: row.replay_effects,
    },
  }));
}

function wantedFrom({ message, sequence_number, body }: EventRow): WantedEvent {
  const selected: Selected = selectEvent(receivedFrom(message, Number(sequence_number), body), () => true);
  if (selected.kind === 'wanted') return selected.event;
  throw new Error(`an event that was set aside cannot be read back: ${JSON.stringify(selected)}`);
}
