import { invalid, Problem } from '@app/service-defaults';
import type { ReplayPolicy } from './replay-policy.js';
import { pointerTo, type ReplayFrom } from './replay-request.js';

/** A partition's log as the engine describes it. */
export interface LogPartition {
  partitionId: string;
  /** The first event that is still there; where the next one will be, if there is none. */
  first: number;
  /** The last event, -1 before the first. */
  last: number;
}

/** The first event since the time that was asked for. */
export interface FirstSince {
  sequenceNumber: number;
  enqueuedTime: Date;
}

/** Where each partition is to be read from. One that is not named goes on where it is. */
export type Starts = ReadonlyMap<string, number>;

/**
 * The first sequence numbers to read, as far as the log alone can tell.
 * @param since for a time: partitions without an event since then are missing
 * @throws a 400 problem, or a 409 with the first positions where events are no longer on the hub
 */
export function planStarts(
  from: ReplayFrom,
  log: readonly LogPartition[],
  policy: ReplayPolicy,
  since: ReadonlyMap<string, FirstSince> = new Map(),
): Starts {
  if (from.kind === 'time') return startsSince(from.time, log, since);
  if (from.kind === 'positions') return startsAt(from.positions, log, policy);
  // What is rebuilt from half of the log lacks the other half: whoever wants that says from where.
  if (policy === 'rebuild' && log.some(({ first }) => first > 0)) throw eventsGone(log);
  return new Map(log.map(({ partitionId, first }) => [partitionId, first]));
}

function startsSince(
  time: Date,
  log: readonly LogPartition[],
  since: ReadonlyMap<string, FirstSince>,
): Starts {
  const cut = log.some(({ partitionId, first }) => {
    const found = since.get(partitionId);
    return found !== undefined && first > 0 && found.sequenceNumber <= first && found.enqueuedTime > time;
  });
  if (cut) throw eventsGone(log);
  return new Map(
    log.map(({ partitionId, last }) => [partitionId, since.get(partitionId)?.sequenceNumber ?? last + 1]),
  );
}

function startsAt(
  positions: ReadonlyMap<string, number>,
  log: readonly LogPartition[],
  policy: ReplayPolicy,
): Starts {
  const known = new Map(log.map((partition) => [partition.partitionId, partition]));
  const errors = [...positions].flatMap(([id, start]) => {
    const partition = known.get(id);
    if (!partition) return [{ pointer: pointerTo(id), detail: `the hub has no partition ${id}` }];
    const next = Math.max(partition.last + 1, partition.first);
    if (start > next) {
      return [{ pointer: pointerTo(id), detail: `lies behind the log's end: at most ${next}` }];
    }
    return [];
  });
  const left = log.filter(({ partitionId }) => !positions.has(partitionId));
  if (errors.length === 0 && policy === 'rebuild' && left.length > 0) {
    const ids = left.map(({ partitionId }) => partitionId).join(', ');
    errors.push({ pointer: '/from', detail: `a rebuild begins in every partition: ${ids} left out` });
  }
  if (errors.length > 0) throw invalid(errors);
  if ([...positions].some(([id, start]) => start < (known.get(id)?.first ?? 0))) throw eventsGone(log);
  return positions;
}

function eventsGone(log: readonly LogPartition[]): Problem {
  return new Problem(409, 'events-no-longer-there', 'The replay would begin before the first event.', {
    detail: 'Retention has removed the events before these positions: begin there, or at a later time.',
    partitions: log.map(({ partitionId, first }) => ({ partitionId, first })),
  });
}
