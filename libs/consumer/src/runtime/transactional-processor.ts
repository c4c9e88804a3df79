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
import type { HandlerRegistry } from '../handlers/handler-registry.js';
import type { KeyCache } from '../keys/key-cache.js';
import type { ConsumerEvents, Progress } from '../lifecycle/consumer.events.js';
import type { BatchTransaction } from './batch-transaction.js';
import { failureOf, HandlerFailedError } from './errors.js';
import type { EventReader } from './event-reader.js';
import type { HandlerRunner } from './handler-runner.js';
import { PartitionSession } from './partition-session.js';
import { type Selected, selectEvent, type WantedEvent } from './select-events.js';

/** The row of a partition of which nothing is wanted follows at most this much later. */
const saveAfterMs = 500;

export interface ProcessorParts {
  registry: HandlerRegistry;
  reader: EventReader;
  handlers: HandlerRunner;
  transaction: BatchTransaction;
  positions: StatementRunner;
  keys: Pick<KeyCache, 'forget'>;
  events: ConsumerEvents;
}

/**
 * Makes every effect happen once: the wanted events of a batch go through their handlers in one transaction with inbox
 * and position. When a handler throws, the batch is halved until the failing event stands alone; what comes before it is
 * committed, and it is tried again in place. (Part 3 puts it aside there, so that others need not wait.)
 */
export class TransactionalProcessor implements PartitionProcessor {
  private readonly logger = new Logger('Consumer');
  private readonly foreign = new SparingLog(this.logger);
  private readonly open = new Map<string, PartitionSession>();

  constructor(private readonly parts: ProcessorParts) {}

  /** The partitions this process owns. */
  get sessions(): readonly PartitionSession[] {
    return [...this.open.values()];
  }

  opened(lease: PartitionLease): void {
    this.open.set(lease.partitionId, new PartitionSession(lease));
  }

  async process({ lease, events, lastEnqueued, signal }: PartitionBatch): Promise<void> {
    const session = this.open.get(lease.partitionId);
    if (!session) throw new FencedError(lease.partitionId);
    session.lastEnqueued = lastEnqueued;
    const wants = (type: string) => this.parts.registry.wants(type);
    const todo = events
      .filter(({ sequenceNumber }) => sequenceNumber > session.seen)
      .map((event) => selectEvent(event, wants));
    for (const selected of todo) this.look(selected);
    for (const chunk of chunksOf(todo, session.failing)) await this.apply(session, chunk, signal);
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
    if (selected.kind === 'foreign') {
      this.foreign.warn(`a message is passed over: ${selected.reason}`);
    } else {
      const { type, subject } = selected.kind === 'wanted' ? selected.event.attributes : selected;
      if (type === 'CustomerErased' && subject) this.parts.keys.forget(subject);
    }
  }

  /** One transaction for all of them, or, when a handler throws, one for each half, down to the failing event. */
  private async apply(
    session: PartitionSession,
    chunk: readonly Selected[],
    signal: AbortSignal,
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
      await session.exclusive(() => this.commit(session, chunk, wanted, last));
    } catch (error) {
      if (error instanceof FencedError || failureOf(error) === 'infrastructure') throw error;
      const [only] = chunk;
      if (chunk.length === 1 && only?.kind === 'wanted') throw this.failed(session, only.event, error);
      const middle = Math.ceil(chunk.length / 2);
      await this.apply(session, chunk.slice(0, middle), signal);
      await this.apply(session, chunk.slice(middle), signal);
    }
  }

  private async commit(
    session: PartitionSession,
    chunk: readonly Selected[],
    wanted: readonly WantedEvent[],
    last: Selected,
  ): Promise<void> {
    const { reader, handlers, transaction, events } = this.parts;
    const { readable, unreadable } = await reader.read(wanted);
    const { received } = last;
    const outcome = await transaction.run(session.lease, [...readable.keys()], received, (fresh, manager) =>
      handlers.run(
        fresh.flatMap((event) => readable.get(event) ?? []),
        manager,
        session.lease,
      ),
    );
    session.passed(received);
    session.saved(received);
    session.failing = undefined;
    events.emit('batchCommitted', {
      ...progressOf(session, chunk, last),
      applied: outcome.applied.map(({ attributes }) => attributes.id),
      duplicates: outcome.duplicates.map(({ attributes }) => attributes.id),
      foreign: foreignIn(chunk) + unreadable.length,
    });
  }

  private skip(session: PartitionSession, chunk: readonly Selected[], last: Selected): void {
    session.passed(last.received);
    this.parts.events.emit('batchSkipped', progressOf(session, chunk, last));
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

  private failed(session: PartitionSession, event: WantedEvent, error: unknown): HandlerFailedError {
    const { id, type } = event.attributes;
    session.failing = event.received.sequenceNumber;
    this.parts.events.emit('handlerFailed', {
      partitionId: session.lease.partitionId,
      eventId: id,
      type,
      error,
    });
    return new HandlerFailedError({ id, type }, error);
  }
}

/** An event that failed before goes alone, so that its next try does not cost the others theirs. */
function chunksOf(todo: readonly Selected[], failing: number | undefined): (readonly Selected[])[] {
  const at = todo.findIndex(({ received }) => received.sequenceNumber === failing);
  return at < 0 ? [todo] : [todo.slice(0, at), todo.slice(at, at + 1), todo.slice(at + 1)];
}

function progressOf(session: PartitionSession, chunk: readonly Selected[], { received }: Selected): Progress {
  return {
    partitionId: session.lease.partitionId,
    sequenceNumber: received.sequenceNumber,
    enqueuedTime: received.enqueuedTimeUtc,
    applied: [],
    duplicates: [],
    ignored: chunk.flatMap((selected) => (selected.kind === 'ignored' && selected.id ? [selected.id] : [])),
    foreign: foreignIn(chunk),
  };
}

const foreignIn = (chunk: readonly Selected[]): number =>
  chunk.filter(({ kind }) => kind === 'foreign').length;
