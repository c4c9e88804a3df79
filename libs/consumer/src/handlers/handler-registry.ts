import type { MessageHandler } from '@nestjs/microservices';
import { ALL_TYPES } from '../decorators/event-batch-pattern.decorator.js';

/** One handler method of a controller. */
export interface RegisteredHandler {
  types: Set<string>;
  /** Its types, for metrics. */
  name: string;
  /** Takes an array of events instead of one. */
  batch: boolean;
  /** Wants personal data opened. */
  opened: boolean;
  callback: MessageHandler;
}

/** The handlers of a consumer, and with them the event types it wants. */
export class HandlerRegistry {
  private readonly byMethod = new Map<object, RegisteredHandler>();
  private readonly byType = new Map<string, readonly RegisteredHandler[]>();

  /** Nest registers a method once a pattern; its `extras` are one object for all of them, and so name the method. */
  add(pattern: string, callback: MessageHandler, extras: Readonly<Record<string, unknown>>): void {
    this.byType.clear();
    const known = this.byMethod.get(extras);
    if (known) {
      known.types.add(pattern);
      known.name = [...known.types].join(',');
      return;
    }
    this.byMethod.set(extras, {
      types: new Set([pattern]),
      name: pattern,
      batch: extras['batch'] === true,
      opened: extras['opened'] !== false,
      callback,
    });
  }

  /** In the order of their registration. */
  get handlers(): RegisteredHandler[] {
    return [...this.byMethod.values()];
  }

  wants(type: string): boolean {
    return this.handlersOf(type).length > 0;
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

export function takes({ types }: RegisteredHandler, type: string): boolean {
  return types.has(type) || types.has(ALL_TYPES);
}
