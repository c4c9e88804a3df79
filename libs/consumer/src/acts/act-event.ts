import { type ActData, actDataSchemaUri, actEventType, toApplicationProperties } from '@app/contracts';
import type { OutgoingEvent } from '@app/event-hubs';
import type { ActRow } from './sql.js';

/** Sent again, an act has the same id: the audit keeps it once. */
export function actEvent(consumerGroup: string, row: ActRow): OutgoingEvent {
  const { id, act, actor, customerId, details, outcome, begunAt } = row;
  const data: ActData = { act, actor, outcome, consumerGroup, details };
  return {
    id,
    applicationProperties: toApplicationProperties({
      id,
      type: actEventType,
      source: `/${consumerGroup}`,
      ...(customerId !== null && { subject: customerId }),
      time: begunAt.toISOString(),
      datacontenttype: 'application/json',
      dataschema: actDataSchemaUri,
    }),
    body: JSON.stringify(data),
  };
}
