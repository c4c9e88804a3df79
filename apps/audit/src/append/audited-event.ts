import type { RawEvent } from '@app/consumer';
import type { AuditedEvent } from '../domain/audit-entry.js';

/** The event as it lies on the hub, unopened. */
export function auditedEventOf({
  attributes,
  applicationProperties,
  body,
  sequenceNumber,
  enqueuedTime,
}: RawEvent): AuditedEvent {
  return {
    eventId: attributes.id,
    source: attributes.source,
    type: attributes.type,
    subject: attributes.subject ?? null,
    headers: sortedJson(applicationProperties),
    body,
    sequenceNumber,
    enqueuedAt: enqueuedTime.getTime(),
  };
}

function sortedJson(members: Readonly<Record<string, unknown>>): string {
  const sorted = Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(sorted));
}
