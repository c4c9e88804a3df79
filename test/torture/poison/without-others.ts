import { isEventType } from '@app/contracts';
import type { Evidence, LogObservation } from '../checker/evidence.js';

/** Besides profile's own events, the hub has bad ones and what administrators did: neither is in a customer's history. */
export function withoutOthers(evidence: Evidence, bad: ReadonlySet<string>): Evidence {
  const { log = [], effects = [] } = evidence;
  const isOwn = ({ eventId, type }: LogObservation) => isEventType(type) && !bad.has(eventId);
  const others = new Set(log.filter((one) => !isOwn(one)).map(({ eventId }) => eventId));
  return {
    ...evidence,
    log: log.filter(isOwn),
    effects: effects.map(({ eventIds, ...one }) =>
      Object.assign(one, { eventIds: eventIds.filter((id) => !others.has(id)) }),
    ),
  };
}
