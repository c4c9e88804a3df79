import { invalid } from '@app/service-defaults';
import { z } from 'zod';

/** Where a replay begins: the first event there is, a time, or the first sequence number to read in each partition. */
export type ReplayFrom =
  | { kind: 'earliest' }
  | { kind: 'time'; time: Date }
  | { kind: 'positions'; positions: ReadonlyMap<string, number> };

export const replayBody = z
  .strictObject({
    from: z.unknown(),
    /** Effects outside the database, such as mails, of events that were handled before. */
    effects: z.boolean().default(false),
  })
  .meta({ examples: [{ from: 'earliest' }, { from: { '0': 1_200, '3': 980 }, effects: true }] });

const rfc3339 = z.iso.datetime({ offset: true });
const sequenceNumber = z.int().nonnegative();

/** @throws a 400 problem that points at what is wrong */
export function replayFrom(from: unknown, now = new Date()): ReplayFrom {
  if (from === 'earliest') return { kind: 'earliest' };
  if (typeof from === 'string' && rfc3339.safeParse(from).success) {
    const time = new Date(from);
    if (time > now) throw invalid([{ pointer: '/from', detail: 'must not lie in the future' }]);
    return { kind: 'time', time };
  }
  if (typeof from === 'object' && from !== null && !Array.isArray(from)) {
    const entries = Object.entries(from);
    if (entries.length > 0) return { kind: 'positions', positions: positionsOf(entries) };
  }
  throw invalid([
    {
      pointer: '/from',
      detail:
        'must be "earliest", an RFC 3339 time with an offset, or an object {partitionId: sequenceNumber} of at least one partition',
    },
  ]);
}

function positionsOf(entries: readonly [string, unknown][]): Map<string, number> {
  const wrong = entries.filter(([, value]) => !sequenceNumber.safeParse(value).success);
  if (wrong.length === 0) return new Map(entries as [string, number][]);
  throw invalid(
    wrong.map(([id]) => ({ pointer: pointerTo(id), detail: 'must be a sequence number, 0 or more' })),
  );
}

/** RFC 6901 §3. */
export const pointerTo = (partitionId: string): string =>
  `/from/${partitionId.replaceAll('~', '~0').replaceAll('/', '~1')}`;
