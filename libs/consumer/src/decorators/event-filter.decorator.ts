import type { AdvancedFilterInput } from '@app/contracts';
import { PATTERN_EXTRAS_METADATA } from '@nestjs/microservices/constants.js';

/** What {@link EventFilter} leaves with the method. */
export interface FilterExtras {
  filters: readonly AdvancedFilterInput[];
  /** Names the method, for whoever reads that its filter is wrong. */
  method: string;
}

/**
 * Narrows a handler down to events that match all of these filters, in the operators of Event Grid's advanced filters:
 *
 *     @EventPattern('AddressChanged')
 *     @EventFilter([{ operatorType: 'StringIn', key: 'data.changed', values: ['addresses.home'] }])
 *     async handle(@Payload() event: OpenedEvent, @Ctx() context: ConsumerContext) { … }
 *
 * An event that no handler is left for is ignored. `CustomerErased` is never held back. A filter that is wrong ends the
 * start of the service with its place.
 */
export function EventFilter(filters: readonly AdvancedFilterInput[]): MethodDecorator {
  return (target, name, descriptor) => {
    const method = descriptor.value as object;
    const known = Reflect.getMetadata(PATTERN_EXTRAS_METADATA, method) as object | undefined;
    const extras: FilterExtras = { filters, method: `${target.constructor.name}.${String(name)}` };
    Reflect.defineMetadata(PATTERN_EXTRAS_METADATA, { ...known, ...extras }, method);
  };
}
