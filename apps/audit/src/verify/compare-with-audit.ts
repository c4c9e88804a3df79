import type { Finding, Findings } from '@app/consumer';
import type { AuditedEvent } from '../domain/audit-entry.js';
import type { Sql } from '../sql.js';

const compared = ['type', 'subject', 'headers', 'body'] as const;
type Content = Pick<AuditedEvent, (typeof compared)[number]>;
type Row = Content & { event_id: string; source: string };

/**
 * Compares what the stream hands over again with what the audit has of it. The place in the stream may differ: what the
 * relay sent twice was audited where it came first.
 */
export async function compareWithAudit(sql: Sql, events: readonly AuditedEvent[]): Promise<Findings> {
  const rows = await sql.query<Row[]>(
    `SELECT event_id, source, type, subject, headers, body FROM audit_entry
      JOIN unnest($1::text[], $2::text[]) AS wanted (event_id, source) USING (event_id, source)`,
    [events.map((event) => event.eventId), events.map((event) => event.source)],
  );
  const known = new Map(rows.map((row) => [nameOf(row.source, row.event_id), row]));
  const findings = events.flatMap((event): Finding[] => {
    const { eventId, source, sequenceNumber } = event;
    const entry = known.get(nameOf(source, eventId));
    if (!entry) return [{ eventId, source, sequenceNumber, finding: 'missing' }];
    const differing = compared.filter((column) => !same(entry[column], event[column]));
    if (differing.length === 0) return [];
    return [{ eventId, source, sequenceNumber, finding: 'different', detail: differing.join(', ') }];
  });
  return { verified: events.length - findings.length, findings };
}

function same(stored: string | Buffer | null, received: string | Buffer | null): boolean {
  return Buffer.isBuffer(stored) && Buffer.isBuffer(received) ? stored.equals(received) : stored === received;
}

const nameOf = (source: string, eventId: string): string => JSON.stringify([source, eventId]);
