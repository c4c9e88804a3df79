import { type AttributeReader, attributeOf, EventFilter, FilterError } from '@app/contracts';
import type { FilterExtras } from '../decorators/event-filter.decorator.js';

/** A handler's filter cannot be used. */
export class HandlerFilterError extends Error {
  readonly code = 'WRONG_HANDLER_FILTER';
}

/**
 * The filter of a handler, if it has one.
 * @param extras what the decorators left with the method. @throws {HandlerFilterError} naming the method
 */
export function handlerFilter(
  pattern: string,
  extras: Readonly<Record<string, unknown>>,
  opened: boolean,
): EventFilter | undefined {
  const { filters, method = pattern } = extras as Partial<FilterExtras>;
  if (filters === undefined) return undefined;
  const filter = compiled(filters, method);
  if (filter.needsOpened && !opened) {
    throw new HandlerFilterError(
      `the filter of ${method} is wrong: a key in data.personal needs the event opened`,
    );
  }
  return filter;
}

function compiled(filters: FilterExtras['filters'], method: string): EventFilter {
  try {
    return EventFilter.compile(filters);
  } catch (cause) {
    if (!(cause instanceof FilterError)) throw cause;
    throw new HandlerFilterError(`the filter of ${method} is wrong: ${cause.message}`, { cause });
  }
}

export type Properties = Readonly<Record<string, unknown>> | undefined;

/** Reads attributes where they lie, one by one, for a filter that is asked before the event is read. */
export function attributesIn(properties: Properties): AttributeReader {
  return (name) => {
    const value = attributeOf(properties, name);
    if (value instanceof Date) return value.toISOString();
    return typeof value === 'bigint' ? Number(value) : value;
  };
}
