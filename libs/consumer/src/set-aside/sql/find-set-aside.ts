import type { StatementRunner } from '@app/event-hubs';
import type { StoredMessage } from '../stored-message.js';
import type { SetAsideState } from './list-set-aside.js';

/** One event as it was received: what is sealed stays sealed. */
export interface SetAsideEventDto {
  eventId: string;
  type: string;
  source: string;
  customerId: string;
  state: SetAsideState;
  setAsideAt: string;
  partitionId: string;
  sequenceNumber: number;
  /** Application properties and the rest of the AMQP message; timestamps, binary and 64-bit values under their names. */
  message: StoredMessage;
  /** The body, base64. */
  body: string;
}

/** Events with this id: more than one where several sources use it. */
export async function findSetAside(
  runner: StatementRunner,
  eventId: string,
  source: string | undefined,
): Promise<SetAsideEventDto[]> {
  return (await runner.query(
    `SELECT e.event_id AS "eventId", e.type, e.source, e.customer_id AS "customerId", c.state,
            e.set_aside_at AS "setAsideAt", e.partition_id AS "partitionId",
            e.sequence_number::float8 AS "sequenceNumber", e.message, encode(e.body, 'base64') AS body
       FROM set_aside_event e JOIN set_aside_customer c USING (customer_id)
      WHERE e.event_id = $1 AND ($2::text IS NULL OR e.source = $2) LIMIT 2`,
    [eventId, source ?? null],
  )) as SetAsideEventDto[];
}
