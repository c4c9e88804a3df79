import { EventPattern } from '@nestjs/microservices';

/** A pattern for every CloudEvent on the hub, whatever its type. */
export const ALL_TYPES = '*';

/** The third argument of `@EventPattern(type, undefined, …)` and the second of `@EventBatchPattern(types, …)`. */
export interface HandlerExtras {
  /** `false` hands over `data` as it came, personal data still sealed; `true` unless told. */
  opened?: boolean;
  /**
   * Of a handler that takes an event: `true` promises that calls for different customers touch different rows and nothing
   * else that they share, and begin no transaction of their own. They are made at once then, each customer's still in
   * order, if all handlers of the consumer that take an event promise it. Needs `connection: { pipeline: true }` of
   * DatabaseModule.
   */
  perCustomer?: boolean;
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
  extras: Omit<HandlerExtras, 'perCustomer'> = {},
): MethodDecorator {
  return EventPattern([types].flat(), { ...extras, batch: true });
}
