import type { CustomerEvent } from '@app/contracts';
import type { EntityManager } from 'typeorm';
import { ConsumerContext, type ContextLease } from '../ctx-host/consumer.context.js';
import type { RawEvent } from '../ctx-host/raw-event.js';
import type { HandlerRegistry, RegisteredHandler } from '../handlers/handler-registry.js';
import type { ConsumerEvents } from '../lifecycle/consumer.events.js';
import type { ReplayGate, ReplayView } from '../replay/replay-gate.js';
import { inHandlerSpan } from '../tracing/in-trace.js';
import { customerOf } from '../set-aside/divide.js';
import { inLanes } from './customer-lanes.js';
import { HandlerFailedError, isAfterFailure } from './errors.js';
import type { WantedEvent } from './select-events.js';

/** An event with its data read: as it came, and opened where some handler wants that. */
export interface ReadableEvent {
  wanted: WantedEvent;
  data: unknown;
  opened: unknown;
  /** Whose filters let it through, in the order of their registration. */
  handlers: readonly RegisteredHandler[];
}

/** Calls one handler and resolves when its whole stream has ended. */
export type Invoke = (
  handler: RegisteredHandler,
  payload: unknown,
  context: ConsumerContext,
) => Promise<void>;

/**
 * Calls the handlers of a batch's events, which share a transaction, and with it a connection: one after the other, or,
 * when all promise to keep to their customer, those of different customers at once.
 */
export class HandlerRunner {
  constructor(
    private readonly registry: HandlerRegistry,
    private readonly invoke: Invoke,
    private readonly events: ConsumerEvents,
    private readonly replays: Pick<ReplayGate, 'enter'>,
  ) {}

  async run(readable: readonly ReadableEvent[], manager: EntityManager, lease: ContextLease): Promise<void> {
    const view = await this.replays.enter(
      manager,
      lease,
      readable.map(({ wanted }) => wanted),
    );
    const callAll = async (event: ReadableEvent): Promise<void> => {
      for (const handler of event.handlers) {
        if (!handler.batch) await this.call(handler, [event], manager, lease, view);
      }
    };
    if (this.registry.isPerCustomer) await callInLanes(readable, callAll);
    else for (const event of readable) await callAll(event);
    for (const handler of this.registry.handlers.filter(({ batch }) => batch)) {
      const mine = readable.filter(({ handlers }) => handlers.includes(handler));
      if (mine.length > 0) await this.call(handler, mine, manager, lease, view);
    }
  }

  private async call(
    handler: RegisteredHandler,
    readable: readonly ReadableEvent[],
    manager: EntityManager,
    lease: ContextLease,
    view: ReplayView,
  ): Promise<void> {
    const [first] = readable;
    if (!first) return;
    const raw = readable.map(({ wanted }) => rawOf(wanted, lease.partitionId, view));
    const context = new ConsumerContext(first.wanted.received, manager, lease, raw, view.rebuilding);
    const payload = readable.map((event) => payloadOf(event, handler.opened));
    const started = performance.now();
    try {
      await inHandlerSpan(handler.name, attributesOf(readable), lease, () =>
        this.invoke(handler, handler.batch ? payload : payload[0], context),
      );
    } catch (error) {
      // In a transaction that has failed already, it is not this event's statement that was wrong.
      const isNamed = readable.length === 1 && !isAfterFailure(error);
      throw new HandlerFailedError(isNamed ? first.wanted.attributes.id : undefined, error);
    }
    this.events.emit('handled', {
      types: handler.name,
      events: readable.length,
      seconds: (performance.now() - started) / 1000,
    });
  }
}

/** The answers come in the order of the statements: the first failure that is not a consequence is the one to tell. */
async function callInLanes(
  readable: readonly ReadableEvent[],
  call: (event: ReadableEvent) => Promise<void>,
): Promise<void> {
  const failures = await inLanes(readable, ({ wanted }) => customerOf(wanted), call);
  if (failures.length > 0) throw failures.find((error) => !isAfterFailure(error)) ?? failures[0];
}

const attributesOf = (readable: readonly ReadableEvent[]) => readable.map(({ wanted }) => wanted.attributes);

function payloadOf({ wanted, data, opened }: ReadableEvent, wantsOpened: boolean): CustomerEvent<unknown> {
  return { ...wanted.attributes, data: wantsOpened ? opened : data };
}

function rawOf(event: WantedEvent, partitionId: string, view: ReplayView): RawEvent {
  const { received, attributes, body } = event;
  return {
    attributes,
    body,
    applicationProperties: received.properties ?? {},
    partitionId,
    sequenceNumber: received.sequenceNumber,
    offset: received.offset,
    enqueuedTime: received.enqueuedTimeUtc,
    replay: view.isReplay(event),
  };
}
