import { toApplicationProperties } from '@app/contracts';
import type { OutgoingEvent } from '@app/event-hubs';
import type { ActRow } from './sql.js';

/** The CloudEvents type of an administrative act; no consumer needs to know it, the audit takes every type. */
export const administrativeAct = 'AdministrativeActRecorded';

/** Sent again, an act has the same id: the audit keeps it once. */
export function actEvent(consumerGroup: string, row: ActRow): OutgoingEvent {
  const { id, act, actor, customerId, details, outcome, begunAt } = row;
  return {
    id,
    applicationProperties: toApplicationProperties({
      id,
      type: administrativeAct,
      source: `/${consumerGroup}`,
      ...(customerId !== null && { subject: customerId }),
      time: begunAt.toISOString(),
      datacontenttype: 'application/json',
    }),
    body: JSON.stringify({ act, actor, outcome, consumerGroup, details }),
  };
}
