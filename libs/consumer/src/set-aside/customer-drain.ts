import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { noteErasures } from '../erasure/sql/note-erasures.js';
import { findApplied } from '../inbox/find-applied.js';
import type { ConsumerEvents } from '../lifecycle/consumer.events.js';
import { inTransaction } from '../runtime/in-transaction.js';
import { culpritOf, failureOf } from '../runtime/errors.js';
import type { EventReader, ReadBatch } from '../runtime/event-reader.js';
import type { HandlerRunner } from '../runtime/handler-runner.js';
import type { WantedEvent } from '../runtime/select-events.js';
import { isErasure } from './divide.js';
import { type Failure, failureFrom } from './failure.js';
import { leftOut } from './left-out.js';
import { awayPauseMs, longestPause, pauseAfter, type RetryPauses } from './retry-schedule.js';
import {
  dropIgnored,
  type DueCustomer,
  lockDue,
  markApplied,
  nameOf,
  nextNames,
  noteFailure,
  postpone,
  releaseIfEmpty,
} from './sql/drain-steps.js';
import { loadWaiting, type WaitingEvent } from './sql/load-waiting.js';

export interface DrainParts {
  consumerGroup: string;
  database: DataSource;
  reader: Pick<EventReader, 'read'>;
  handlers: Pick<HandlerRunner, 'run'>;
  events: ConsumerEvents;
  pauses: RetryPauses;
}

/** Events of one transaction, once the one in front has gone through. */
const most = 50;
const conflictPauseMs = 100;

/**
 * - `drained`: nothing waits any more
 * - `more`: something went through, and more waits
 * - `held`: the event in front has failed, or something needed is away; its time comes later
 * - `taken`: another drainer has the customer, or its turn is not now
 */
export type DrainOutcome = 'drained' | 'more' | 'held' | 'taken';

/** Thrown to leave a transaction without writing anything. */
class OutOfDate extends Error {}

/** Tries the events that wait for one customer, in order. */
export class CustomerDrain {
  constructor(private readonly parts: DrainParts) {}

  async drain(customerId: string): Promise<DrainOutcome> {
    const { database } = this.parts;
    for (let take = most; ;) {
      const waiting = alike(await loadWaiting(database, customerId, take));
      try {
        return await this.attempt(customerId, waiting);
      } catch (error) {
        if (error instanceof OutOfDate) continue;
        const outcome = await this.failed(customerId, waiting, error);
        if (typeof outcome === 'string') return outcome;
        take = outcome.take;
      }
    }
  }

  private async attempt(customerId: string, waiting: readonly WaitingEvent[]): Promise<DrainOutcome> {
    const { reader, database } = this.parts;
    const read = await reader.read(waiting.map(({ event }) => event));
    const { mine, outcome } = await inTransaction(database, async (runner) => {
      const due = await lockDue(runner, customerId, longestPause(this.parts.pauses));
      if (!due) return { mine: [], outcome: 'taken' as const };
      const mine = due.attempts > 0 ? waiting.slice(0, 1) : waiting;
      const events = mine.map(({ event }) => event);
      const names = mine.map(({ event: { key }, place: { generation } }) => nameOf({ key, generation }));
      if (names.join() !== (await nextNames(runner, customerId, names.length)).join()) throw new OutOfDate();
      await this.apply(mine, due, read, runner);
      const { left, taken } = leftOut(events, read);
      if (left.length > 0) await dropIgnored(runner, left.map(keyOf));
      if (taken.length > 0) await markApplied(runner, taken.map(keyOf));
      const outcome = (await releaseIfEmpty(runner, customerId)) ? ('drained' as const) : ('more' as const);
      return { mine, outcome };
    });
    if (outcome !== 'taken') this.tell(customerId, mine, read, outcome === 'drained');
    return outcome;
  }

  private tell(customerId: string, mine: readonly WaitingEvent[], read: ReadBatch, drained: boolean): void {
    const { events } = this.parts;
    const { left, taken } = leftOut(
      mine.map(({ event }) => event),
      read,
    );
    events.emit('redriven', { customerId, applied: taken.map(idOf), ignored: left.map(idOf), drained });
    for (const event of left) {
      const skipped = read.skipped.get(event);
      const { id: eventId, type } = event.attributes;
      if (skipped) events.emit('unreadableSkipped', { eventId, type, reason: skipped.reason });
    }
  }

  private async apply(
    mine: readonly WaitingEvent[],
    due: DueCustomer,
    { readable, unreadable }: ReadBatch,
    runner: QueryRunner,
  ): Promise<void> {
    const [first] = mine;
    if (!first) return;
    const { place } = first;
    const events = mine.map(({ event }) => event);
    const applied = await findApplied(runner, events, place);
    const fresh = events.filter(({ key }) => !applied.has(key));
    const bad = fresh.find((event) => unreadable.has(event));
    if (bad) throw new UnreadableError(bad.attributes.id, unreadable.get(bad) as Failure, due);
    const lease = { ...place, consumerGroup: this.parts.consumerGroup };
    const manager: EntityManager = runner.manager;
    try {
      await this.parts.handlers.run(
        fresh.flatMap((event) => readable.get(event) ?? []),
        manager,
        lease,
      );
    } catch (error) {
      throw new AttemptError(due, error);
    }
    await noteErasures(runner, fresh.filter(isErasure));
  }

  /** Notes a failure, or answers with how many events to try again. */
  private async failed(
    customerId: string,
    waiting: readonly WaitingEvent[],
    error: unknown,
  ): Promise<DrainOutcome | { take: number }> {
    const kind = failureOf(error);
    if (kind !== 'handler' || !(error instanceof AttemptError)) {
      await postpone(this.parts.database, customerId, kind === 'conflict' ? conflictPauseMs : awayPauseMs);
      this.parts.events.emit('drainHeld', { customerId, error });
      return 'held';
    }
    const culprit = culpritOf(error);
    const index = waiting.findIndex(({ event }) => event.attributes.id === culprit);
    const alone = error.due.attempts > 0 || waiting.length === 1 || index === 0;
    if (!alone) return { take: index > 0 ? index : 1 };
    return this.note(customerId, waiting, error);
  }

  private async note(
    customerId: string,
    [first]: readonly WaitingEvent[],
    error: AttemptError,
  ): Promise<DrainOutcome> {
    const { database, events, pauses } = this.parts;
    const failure = error instanceof UnreadableError ? error.failure : failureFrom(error.cause);
    const pauseMs = failure.canRetry ? pauseAfter(error.due.attempts + 1, pauses) : undefined;
    const wait = { pauseMs, longestPauseMs: longestPause(pauses) };
    if (!first || !(await noteFailure(database, customerId, error.due, failure, wait))) return 'taken';
    const { id, type } = first.event.attributes;
    events.emit('handlerFailed', {
      partitionId: first.place.partitionId,
      eventId: id,
      type,
      error: error.cause,
    });
    events.emit('setAside', { customerId, eventId: id, type, failure, parked: pauseMs === undefined });
    return 'held';
  }
}

/** What was thrown while events were tried, with how often the first of them had failed before. */
class AttemptError extends Error {
  constructor(
    readonly due: DueCustomer,
    cause: unknown,
  ) {
    super('an event that was set aside has failed again', { cause });
  }
}

class UnreadableError extends AttemptError {
  constructor(
    eventId: string,
    readonly failure: Failure,
    due: DueCustomer,
  ) {
    super(due, Object.assign(new Error(failure.reason), { eventId }));
  }
}

const keyOf = ({ key }: WantedEvent): string => key;
const idOf = ({ attributes }: WantedEvent): string => attributes.id;

/** One call of a batch handler is about one partition and replay: what was read elsewhere comes in the next. */
function alike(waiting: readonly WaitingEvent[]): WaitingEvent[] {
  const nameOf = (waits: WaitingEvent | undefined) => JSON.stringify(waits && Object.values(waits.place));
  const first = nameOf(waiting[0]);
  const end = waiting.findIndex((waits) => nameOf(waits) !== first);
  return end < 0 ? [...waiting] : waiting.slice(0, end);
}
