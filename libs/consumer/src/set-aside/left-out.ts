import type { ReadBatch } from '../runtime/event-reader.js';
import type { WantedEvent } from '../runtime/select-events.js';

/**
 * Which events no handler takes any more, though they waited for one: a filter has changed since, or the policy for what
 * cannot be read.
 */
export function leftOut(
  events: readonly WantedEvent[],
  { filtered, skipped }: Pick<ReadBatch, 'filtered' | 'skipped'>,
): { left: WantedEvent[]; taken: WantedEvent[] } {
  const isLeft = (event: WantedEvent) => filtered.has(event) || skipped.has(event);
  return { left: events.filter(isLeft), taken: events.filter((event) => !isLeft(event)) };
}
