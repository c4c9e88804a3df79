import type { Progress } from '../lifecycle/consumer.events.js';
import type { Divided } from '../set-aside/divide.js';
import type { Selected, WantedEvent } from './select-events.js';

const idsOf = (events: readonly WantedEvent[]): string[] => events.map(({ attributes }) => attributes.id);

/** What became of a chunk of a partition's events. @param leftOut by filters, or because they cannot be read */
export function progressOf(
  partitionId: string,
  chunk: readonly Selected[],
  { fresh, duplicates, aside, dropped }: Omit<Divided, 'erased'> = {
    fresh: [],
    duplicates: [],
    aside: [],
    dropped: [],
  },
  leftOut: readonly WantedEvent[] = [],
): Progress {
  const last = chunk.at(-1);
  if (!last) throw new Error('a chunk is never empty');
  const ignored = chunk.flatMap((selected) =>
    selected.kind === 'ignored' && selected.id ? [selected.id] : [],
  );
  return {
    partitionId,
    sequenceNumber: last.received.sequenceNumber,
    enqueuedTime: last.received.enqueuedTimeUtc,
    applied: idsOf(fresh),
    duplicates: idsOf(duplicates),
    setAside: idsOf(aside.map(({ event }) => event)),
    dropped: idsOf(dropped),
    ignored: [...ignored, ...idsOf(leftOut)],
    foreign: chunk.filter(({ kind }) => kind === 'foreign').length,
  };
}
