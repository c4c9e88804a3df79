import { EventPattern } from '@nestjs/microservices';

/** A pattern for every CloudEvent on the hub, whatever its type. */
export const ALL_TYPES = '*';

/** The third argument of `@EventPattern(type, undefined, …)` and the second of `@EventBatchPattern(types, …)`. */
export interface HandlerExtras {
  /** `false` hands over `data` as it came, personal data still sealed; `true` unless told. */
  opened?: boolean;
}

/**
 * Takes the wanted events of a batch of one partition at once and in order, for set-based SQL:
 *
 *     @EventBatchPattern(['CustomerAdded', 'AddressChanged'])
 *     async handle(@Payload() events: OpenedEvent[], @Ctx() context: ConsumerContext) { … }
 *
 * Events that were handled before are not among them. When the method throws, none of the batch has happened, and it is
 * called again with smaller ones.
 */
export function EventBatchPattern(
  types: string | readonly string[],
  extras: HandlerExtras = {},
): MethodDecorator {
  return EventPattern([types].flat(), { ...extras, batch: true });
}
