import { UnsealError } from '@app/contracts';
import { jsonOf } from '@app/event-hubs';
import type { HandlerRegistry, RegisteredHandler } from '../handlers/handler-registry.js';
import type { KeyCache } from '../keys/key-cache.js';
import type { PersonalDataKey } from '../keys/key-source.js';
import { isErasure } from '../set-aside/divide.js';
import { type Failure, unreadable } from '../set-aside/failure.js';
import { inTrace } from '../tracing/in-trace.js';
import type { ReadableEvent } from './handler-runner.js';
import { misfitOf, unknownVersionOf, upcastOf } from './known-form.js';
import { lendersTo, openData, type Sealing, sealingOf, withLentData } from './open-events.js';
import type { WantedEvent } from './select-events.js';

/** What becomes of an event of a wanted type that its handlers cannot take; `CustomerErased` is parked whatever this says. */
export type UnreadablePolicy = 'park' | 'skip';

export interface ReadBatch {
  readable: Map<WantedEvent, ReadableEvent>;
  /** Wanted by their type, but not in a form that their handlers can take, and why: to be parked. */
  unreadable: Map<WantedEvent, Failure>;
  /** Those that are passed over instead, and why. */
  skipped: Map<WantedEvent, Failure>;
  /** Filters leave no handler for them. */
  filtered: Set<WantedEvent>;
}

interface Parsed {
  wanted: WantedEvent;
  data: unknown;
  sealing: Sealing;
  handlers: readonly RegisteredHandler[];
}

/** Reads the wanted events' data and opens what is sealed, with the keys of the whole batch fetched at once. */
export class EventReader {
  constructor(
    private readonly registry: HandlerRegistry,
    private readonly keys: KeyCache,
    private readonly onUnreadable: UnreadablePolicy = 'park',
  ) {}

  /** @throws {KeyServiceError} when keys cannot be had: nothing may be decided without them */
  async read(events: readonly WantedEvent[]): Promise<ReadBatch> {
    const batch: ReadBatch = {
      readable: new Map(),
      unreadable: new Map(),
      skipped: new Map(),
      filtered: new Set(),
    };
    const parsed = events.flatMap((wanted) => this.parse(batch, wanted) ?? []);
    await this.open(batch, parsed);
    return batch;
  }

  /** What is left to be opened. */
  private parse(batch: ReadBatch, wanted: WantedEvent): Parsed | undefined {
    const { attributes, received } = wanted;
    const takers = this.registry.takersOf(attributes.type, received.properties);
    const unknown = isChecked(wanted, takers) ? unknownVersionOf(attributes) : undefined;
    if (unknown !== undefined) return this.refuse(batch, wanted, unknown, takers);
    const json = jsonOf(wanted.body);
    if (!json.success) return this.refuse(batch, wanted, json.reason, takers);
    const { data } = json;
    const handlers = this.narrowed(batch, wanted, takers, ({ filter }) => filter?.matchesData(data));
    if (!handlers) return undefined;
    const sealing: Sealing = isOpened(handlers) ? sealingOf(attributes.type, data) : { form: 'plain' };
    if (sealing.form === 'malformed') return this.refuse(batch, wanted, sealing.reason, handlers);
    return { wanted, data, sealing, handlers };
  }

  private async open(batch: ReadBatch, parsed: readonly Parsed[]): Promise<void> {
    const attributes = parsed.map(({ wanted }) => wanted.attributes);
    const keysOf = (kids: readonly string[]) => inTrace(attributes, () => this.keys.get(new Set(kids)));
    const keys = await keysOf(
      parsed.flatMap(({ sealing }) => (sealing.form === 'sealed' ? sealing.kid : [])),
    );
    const opened = parsed.flatMap((one) => {
      const { data, sealing } = one;
      const key = sealing.form === 'sealed' ? keys.get(sealing.kid) : undefined;
      return this.unsealed(batch, one, () =>
        sealing.form === 'sealed' && key ? openData(data as object, sealing.jwe, key) : plain(data),
      );
    });
    const lenders = opened.flatMap((one) => lendersTo(one.opened));
    const whole = lenders.length === 0 ? opened : this.withLent(batch, opened, await keysOf(lenders));
    for (const event of whole) this.take(batch, event);
  }

  /** Merged customers have values of others, under the others' keys. */
  private withLent(
    batch: ReadBatch,
    events: readonly ReadableEvent[],
    keys: ReadonlyMap<string, PersonalDataKey>,
  ): ReadableEvent[] {
    return events.flatMap((event) => this.unsealed(batch, event, () => withLentData(event.opened, keys)));
  }

  /** Nothing where it does not open: such an event is refused. */
  private unsealed(
    batch: ReadBatch,
    { wanted, data, handlers }: Pick<ReadableEvent, 'wanted' | 'data' | 'handlers'>,
    open: () => unknown,
  ): ReadableEvent[] {
    try {
      return [{ wanted, data, opened: open(), handlers }];
    } catch (error) {
      // Altered or sealed wrongly: it opens tomorrow no more than today, and anybody with the right to send can send it.
      if (!(error instanceof UnsealError)) throw error;
      this.refuse(batch, wanted, `data.personal does not open: ${error.message}`, handlers);
      return [];
    }
  }

  private take(batch: ReadBatch, event: ReadableEvent): void {
    const { wanted } = event;
    const opened = upcastOf(wanted.attributes, event.opened);
    const misfit = isChecked(wanted, event.handlers) ? misfitOf(wanted.attributes, opened) : undefined;
    if (misfit !== undefined) {
      this.refuse(batch, wanted, misfit, event.handlers);
      return;
    }
    const handlers = this.narrowed(batch, wanted, event.handlers, ({ filter }) =>
      filter?.matchesPersonal(opened),
    );
    if (handlers) batch.readable.set(wanted, { ...event, opened, handlers });
  }

  /** The handlers whose filters match; undefined when they leave none. Who is erased passes every filter. */
  private narrowed(
    { filtered }: ReadBatch,
    wanted: WantedEvent,
    handlers: readonly RegisteredHandler[],
    matches: (handler: RegisteredHandler) => boolean | undefined,
  ): readonly RegisteredHandler[] | undefined {
    if (isErasure(wanted) || handlers.every((handler) => matches(handler) ?? true)) return handlers;
    const left = handlers.filter((handler) => matches(handler) ?? true);
    if (left.length > 0) return left;
    filtered.add(wanted);
    return undefined;
  }

  /** Whoever takes events as they come gets it all the same; otherwise it is parked, or passed over. */
  private refuse(
    batch: ReadBatch,
    wanted: WantedEvent,
    reason: string,
    handlers: readonly RegisteredHandler[],
  ): undefined {
    if (handlers.every(({ opened }) => !opened)) {
      batch.readable.set(wanted, { wanted, data: undefined, opened: undefined, handlers });
    } else if (this.onUnreadable === 'skip' && !isErasure(wanted)) {
      batch.skipped.set(wanted, unreadable(reason));
    } else batch.unreadable.set(wanted, unreadable(reason));
  }
}

const isOpened = (handlers: readonly RegisteredHandler[]): boolean => handlers.some(({ opened }) => opened);

/** To forget a customer takes no more than the subject: a form of a later day must not hold that up. */
const isChecked = (wanted: WantedEvent, handlers: readonly RegisteredHandler[]): boolean =>
  isOpened(handlers) && !isErasure(wanted);

/** CustomerErased carries no personal data, and says by itself that there is none. */
function plain(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || 'personal' in data) return data;
  return 'changed' in data ? { ...data, personal: null, erased: true } : data;
}
