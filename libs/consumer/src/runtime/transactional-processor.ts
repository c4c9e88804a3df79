import { Logger } from '@nestjs/common';
import {
  FencedError,
  movePosition,
  type PartitionBatch,
  type PartitionLease,
  type PartitionProcessor,
  SparingLog,
  type StatementRunner,
} from '@app/event-hubs';
import type { PauseGate } from '../control/pause-gate.js';
import type { HandlerRegistry } from '../handlers/handler-registry.js';
import type { EventInterest } from '../interest/event-interest.js';
import type { KeyCache } from '../keys/key-cache.js';
import type { ConsumerEvents } from '../lifecycle/consumer.events.js';
import { customerOf, erasure } from '../set-aside/divide.js';
import { type Failure, failureFrom } from '../set-aside/failure.js';
import type { BatchTransaction } from './batch-transaction.js';
import { culpritOf, failureOf } from './errors.js';
import type { EventReader, ReadBatch } from './event-reader.js';
import type { HandlerRunner } from './handler-runner.js';
import { PartitionSession } from './partition-session.js';
import { progressOf } from './progress.js';
import { type Selected, selectEvent, type WantedEvent, type Wants } from './select-events.js';

/** The row of a partition of which nothing is wanted follows at most this much later. */
const saveAfterMs = 500;
/** So many failures are found in a chunk, each by a transaction that comes to nothing, before it is halved. */
const mostFailures = 4;

export interface ProcessorParts {
  registry: HandlerRegistry;
  reader: EventReader;
  handlers: HandlerRunner;
  transaction: BatchTransaction;
  positions: StatementRunner;
  keys: Pick<KeyCache, 'forget'>;
  events: ConsumerEvents;
  gate: Pick<PauseGate, 'pass'>;
  interest: Pick<EventInterest, 'now'>;
}

type Failures = ReadonlyMap<string, Failure>;
const none: Failures = new Map();

/**
 * Makes every effect happen once: the wanted events of a batch go through their handlers in one transaction with inbox
 * and position. When a handler throws, nothing of it is kept, and the batch runs again with the failing event, and what
 * follows it of the same customer, set aside. A batch handler that does not say which event it was has the batch halved
 * until the event stands alone.
 */
export class TransactionalProcessor implements PartitionProcessor {
  private readonly logger = new Logger('Consumer');
  private readonly foreign = new SparingLog(this.logger);
  private readonly unreadable = new SparingLog(this.logger);
  private readonly open = new Map<string, PartitionSession>();

  constructor(private readonly parts: ProcessorParts) {}

  /** The partitions this process owns. */
  get sessions(): readonly PartitionSession[] {
    return [...this.open.values()];
  }

  opened(lease: PartitionLease): void {
    this.open.set(lease.partitionId, new PartitionSession(lease));
  }

  async process({ lease, events, signal }: PartitionBatch): Promise<void> {
    const session = this.open.get(lease.partitionId);
    if (!session) throw new FencedError(lease.partitionId);
    await this.parts.gate.pass(signal);
    const isOfInterest = await this.parts.interest.now();
    const wants: Wants = (type, properties) =>
      type === erasure || (isOfInterest(type) && this.parts.registry.wants(type, properties));
    const todo = events
      .filter(({ sequenceNumber }) => sequenceNumber > session.seen)
      .map((event) => selectEvent(event, wants));
    for (const selected of todo) this.look(selected);
    await this.apply(session, todo, signal);
    if (todo.length === 0) await this.save(session);
  }

  async closed(lease: PartitionLease): Promise<void> {
    const session = this.open.get(lease.partitionId);
    if (session?.lease !== lease) return;
    this.open.delete(lease.partitionId);
    clearTimeout(session.saveTimer);
    await this.save(session);
  }

  /** What every event means to the runtime itself, wanted or not. */
  private look(selected: Selected): void {
    if (selected.kind === 'foreign') this.foreign.warn(`a message is passed over: ${selected.reason}`);
    if (selected.kind !== 'wanted') return;
    const { type, subject } = selected.event.attributes;
    if (type === erasure && subject) this.parts.keys.forget(subject);
  }

  /** One transaction for all of them; again without the customers whose events fail; in halves when that is not known. */
  private async apply(
    session: PartitionSession,
    chunk: readonly Selected[],
    signal: AbortSignal,
    failures: Failures = none,
    found = 0,
  ): Promise<void> {
    const last = chunk.at(-1);
    if (!last) return;
    signal.throwIfAborted();
    const wanted = chunk.flatMap((selected) => (selected.kind === 'wanted' ? [selected.event] : []));
    if (wanted.length === 0) {
      this.skip(session, chunk, last);
      return;
    }
    try {
      await session.exclusive(() => this.commit(session, chunk, wanted, failures));
    } catch (error) {
      const kind = error instanceof FencedError ? 'infrastructure' : failureOf(error);
      if (kind === 'infrastructure') throw error;
      const culprit = kind === 'handler' ? culpritIn(wanted, error) : undefined;
      const known = culprit ? new Map([...failures, [culprit.key, failureFrom(error)]]) : failures;
      if (culprit) this.tell(session, culprit, error);
      if (known.size > failures.size && found < mostFailures) {
        await this.apply(session, chunk, signal, known, found + 1);
      } else if (chunk.length > 1) {
        const middle = Math.ceil(chunk.length / 2);
        await this.apply(session, chunk.slice(0, middle), signal, known);
        await this.apply(session, chunk.slice(middle), signal, known);
      } else throw error;
    }
  }

  private async commit(
    session: PartitionSession,
    chunk: readonly Selected[],
    wanted: readonly WantedEvent[],
    failures: Failures,
  ): Promise<void> {
    const { reader, handlers, transaction, events } = this.parts;
    // Beside the reading, which may wait for keys, and the begin of the transaction.
    const known = transaction.lookUp(wanted, session.lease);
    known.catch(() => undefined); // its failure is told where it is awaited
    const { readable, unreadable, skipped, filtered } = await reader.read(wanted);
    const leftOut = [...filtered, ...skipped.keys()];
    const last = chunk.at(-1) as Selected;
    if (leftOut.length === wanted.length) {
      this.skip(session, chunk, last, leftOut);
      this.tellSkipped(skipped);
      return;
    }
    const { received } = last;
    const isKept = (event: WantedEvent) => !filtered.has(event) && !skipped.has(event);
    const unable = new Map([...unreadable].map(([event, failure]) => [event.key, failure]));
    const batch = {
      lease: session.lease,
      events: leftOut.length > 0 ? wanted.filter(isKept) : wanted,
      failures: new Map([...unable, ...failures]),
      known,
      to: received,
    };
    const divided = await transaction.run(batch, (fresh, manager) =>
      handlers.run(
        fresh.flatMap((event) => readable.get(event) ?? []),
        manager,
        session.lease,
      ),
    );
    session.passed(received);
    session.saved(received);
    events.emit('batchCommitted', progressOf(session.lease.partitionId, chunk, divided, leftOut));
    this.tellSkipped(skipped);
    if (divided.erased.length > 0) events.emit('erased', divided.erased);
    for (const { event, failure } of divided.aside) {
      if (!failure) continue;
      const { id, type } = event.attributes;
      const parked = !failure.canRetry;
      events.emit('setAside', { customerId: customerOf(event), eventId: id, type, failure, parked });
    }
  }

  private skip(
    session: PartitionSession,
    chunk: readonly Selected[],
    last: Selected,
    leftOut: readonly WantedEvent[] = [],
  ): void {
    session.passed(last.received);
    this.parts.events.emit('batchSkipped', progressOf(session.lease.partitionId, chunk, undefined, leftOut));
    session.saveTimer ??= setTimeout(() => {
      session.saveTimer = undefined;
      // A refusal or an absent database shows itself with the next batch, which moves the same row.
      this.save(session).catch((error: unknown) =>
        this.logger.debug(`position not saved yet: ${String(error)}`),
      );
    }, saveAfterMs).unref();
  }

  /** Writes down how far the skipped events reach. @throws {FencedError} */
  private save(session: PartitionSession): Promise<void> {
    return session.exclusive(async () => {
      const { unsaved, lease } = session;
      if (!unsaved) return;
      if (!(await movePosition(this.parts.positions, lease, unsaved)))
        throw new FencedError(lease.partitionId);
      session.saved(unsaved);
    });
  }

  private tellSkipped(skipped: ReadBatch['skipped']): void {
    for (const [{ attributes }, { reason }] of skipped) {
      const { id: eventId, type } = attributes;
      this.unreadable.warn(`${type} ${eventId} cannot be read and is passed over: ${reason}`);
      this.parts.events.emit('unreadableSkipped', { eventId, type, reason });
    }
  }

  private tell({ lease }: PartitionSession, { attributes: { id, type } }: WantedEvent, error: unknown): void {
    this.parts.events.emit('handlerFailed', { partitionId: lease.partitionId, eventId: id, type, error });
  }
}

/** The event that failed: the one the error names, or the only one. */
function culpritIn(wanted: readonly WantedEvent[], error: unknown): WantedEvent | undefined {
  const named = culpritOf(error);
  return wanted.length === 1 ? wanted[0] : wanted.find(({ attributes }) => attributes.id === named);
}
