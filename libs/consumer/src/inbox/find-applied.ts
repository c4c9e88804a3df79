import type { PartitionLease, StatementRunner } from '@app/event-hubs';
import type { WantedEvent } from '../runtime/select-events.js';

/**
 * Keys of events that have been handled. What is read again counts within its own generation; what is new counts
 * whenever it was handled: the relay may send again what it sent before the replay, and from before the replay's start.
 */
export async function findApplied(
  runner: StatementRunner,
  events: readonly Pick<WantedEvent, 'key' | 'received'>[],
  { generation, replayUntil }: Pick<PartitionLease, 'generation' | 'replayUntil'>,
): Promise<Set<string>> {
  const rows = (await runner.query(
    'SELECT event_id, generation FROM inbox WHERE event_id = ANY($1::uuid[]) AND generation <= $2',
    [events.map(({ key }) => key), generation],
  )) as { event_id: string; generation: number }[];
  const newest = new Map<string, number>();
  for (const row of rows) {
    newest.set(row.event_id, Math.max(row.generation, newest.get(row.event_id) ?? 0));
  }
  const isApplied = ({ key, received }: Pick<WantedEvent, 'key' | 'received'>): boolean => {
    const applied = newest.get(key);
    return applied !== undefined && (applied === generation || received.sequenceNumber > replayUntil);
  };
  return new Set(events.filter(isApplied).map(({ key }) => key));
}
