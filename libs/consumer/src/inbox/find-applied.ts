import type { PartitionLease, StatementRunner } from '@app/event-hubs';
import type { WantedEvent } from '../runtime/select-events.js';

type Event = Pick<WantedEvent, 'key' | 'received'>;
type Lease = Pick<PartitionLease, 'generation' | 'replayUntil'>;

/** A row of the inbox: the event has been handled in this generation. */
export interface InboxRow {
  event_id: string;
  generation: number;
}

/** Takes the keys as $1 and the generation as $2. */
export const findAppliedSql =
  'SELECT event_id, generation FROM inbox WHERE event_id = ANY($1::uuid[]) AND generation <= $2';

/** Keys of events that have been handled. */
export async function findApplied(
  runner: StatementRunner,
  events: readonly Event[],
  lease: Lease,
): Promise<Set<string>> {
  const keys = events.map(({ key }) => key);
  const rows = (await runner.query(findAppliedSql, [keys, lease.generation])) as InboxRow[];
  return appliedAmong(rows, events, lease);
}

/**
 * What is read again counts within its own generation; what is new counts whenever it was handled: the relay may send
 * again what it sent before the replay, and from before the replay's start.
 */
export function appliedAmong(
  rows: readonly InboxRow[],
  events: readonly Event[],
  { generation, replayUntil }: Lease,
): Set<string> {
  if (rows.length === 0) return new Set();
  const newest = new Map<string, number>();
  for (const row of rows) {
    newest.set(row.event_id, Math.max(row.generation, newest.get(row.event_id) ?? 0));
  }
  const isApplied = ({ key, received }: Event): boolean => {
    const applied = newest.get(key);
    return applied !== undefined && (applied === generation || received.sequenceNumber > replayUntil);
  };
  return new Set(events.filter(isApplied).map(({ key }) => key));
}
