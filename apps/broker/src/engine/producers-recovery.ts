import type { PartitionLog } from '@app/partition-log';
import { readSnapshot } from './producers-file.js';
import type { Producers, ProducerState } from './producers.js';

const READ = { maxBytes: 1024 * 1024, maxRecords: 10_000 };

/** Finds a producer's mark in an event as it is stored. */
export type ProducerMarkOf = (event: Buffer) => ProducerState | undefined;

export interface RecoveredFrom {
  /** Whether idempotent producers have ever sent to this partition. */
  readonly used: boolean;
  /** How far the file knows the log. */
  readonly upTo: number;
}

/**
 * Fills `producers` from the file and from the events behind it: those say themselves who sent them. A
 * damaged file is made good by reading the whole partition.
 * @throws CorruptLogError
 */
export async function recoverProducers(
  file: string,
  log: PartitionLog,
  producers: Producers,
  markOf: ProducerMarkOf,
  report: (message: string) => void,
): Promise<RecoveredFrom> {
  const snapshot = await readSnapshot(file);
  if (snapshot === undefined) return { used: false, upTo: 0 };
  const end = log.state.next.offset;
  const fits = snapshot !== 'damaged' && snapshot.upTo <= end;
  if (!fits) report(`${file} does not fit its partition: the producers are read from all of its events`);
  const upTo = fits ? snapshot.upTo : 0;
  if (fits) for (const producer of snapshot.producers) producers.restore(producer);
  for (let cursor = upTo; cursor < end;) {
    const { records, next } = await log.read(cursor, READ);
    if (records.length === 0) break;
    for (const { payload } of records) {
      const mark = markOf(payload);
      if (mark !== undefined) producers.restore(mark);
    }
    cursor = next;
  }
  return { used: true, upTo };
}
