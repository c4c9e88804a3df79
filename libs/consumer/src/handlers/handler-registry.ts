import type { EventFilter } from '@app/contracts';
import type { MessageHandler } from '@nestjs/microservices';
import { ALL_TYPES } from '../decorators/event-batch-pattern.decorator.js';
import { attributesIn, handlerFilter, type Properties } from '../filters/handler-filter.js';
import { erasure } from '../set-aside/divide.js';

/** One handler method of a controller. */
export interface RegisteredHandler {
  types: Set<string>;
  /** Its types, for metrics. */
  name: string;
  /** Takes an array of events instead of one. */
  batch: boolean;
  /** Wants personal data opened. */
  opened: boolean;
  /** Calls for different customers may be made at once. */
  perCustomer: boolean;
  /** Narrows it down to some events of its types. */
  filter: EventFilter | undefined;
  callback: MessageHandler;
}

/** The handlers of a consumer, and with them the event types it wants. */
export class HandlerRegistry {
  private readonly byMethod = new Map<object, RegisteredHandler>();
  private readonly byType = new Map<string, readonly RegisteredHandler[]>();

  /**
   * Nest registers a method once a pattern; its `extras` are one object for all of them, and so name the
   * method. @throws {HandlerFilterError}
   */
  add(pattern: string, callback: MessageHandler, extras: Readonly<Record<string, unknown>>): void {
    this.byType.clear();
    const known = this.byMethod.get(extras);
    if (known) {
      known.types.add(pattern);
      known.name = [...known.types].join(',');
      return;
    }
    const opened = extras['opened'] !== false;
    const filter = handlerFilter(pattern, extras, opened);
    const batch = extras['batch'] === true;
    const perCustomer = extras['perCustomer'] === true;
    const types = new Set([pattern]);
    this.byMethod.set(extras, { types, name: pattern, batch, opened, perCustomer, filter, callback });
  }

  /** In the order of their registration. */
  get handlers(): RegisteredHandler[] {
    return [...this.byMethod.values()];
  }

  /** Whether those that take one event at a time all promise to keep to its customer; `false` without any. */
  get isPerCustomer(): boolean {
    const single = this.handlers.filter(({ batch }) => !batch);
    return single.length > 0 && single.every(({ perCustomer }) => perCustomer);
  }

  /** The handlers that take an event of this type, as far as its application properties tell. */
  takersOf(type: string, properties: Properties): readonly RegisteredHandler[] {
    const handlers = this.handlersOf(type);
    // Who is erased must be forgotten everywhere: no filter holds that back.
    if (type === erasure || handlers.every(({ filter }) => !filter)) return handlers;
    const attribute = attributesIn(properties);
    return handlers.filter(({ filter }) => !filter || filter.matchesAttributes(attribute));
  }

  wants(type: string, properties?: Properties): boolean {
    return this.takersOf(type, properties).length > 0;
  }

  /** Types that nobody wants are looked up, too, and come from outside: only so many are remembered. */
  handlersOf(type: string): readonly RegisteredHandler[] {
    const known = this.byType.get(type);
    if (known) return known;
    const found = this.handlers.filter((handler) => takes(handler, type));
    if (this.byType.size < 1_000) this.byType.set(type, found);
    return found;
  }
}

function takes({ types }: RegisteredHandler, type: string): boolean {
  return types.has(type) || types.has(ALL_TYPES);
}
