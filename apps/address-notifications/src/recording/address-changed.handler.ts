import type { ConsumerContext } from '@app/consumer';
import type { EventType, OpenedEvent } from '@app/contracts';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { requestNotification } from './request-notification.js';

@Controller()
export class AddressChangedHandler {
  /** The mail is the worker's: a command for it, with the personal data as sealed as it came. */
  @EventPattern<EventType>('AddressChanged')
  async handle(@Payload() event: OpenedEvent, @Ctx() context: ConsumerContext): Promise<void> {
    const { raw, manager, effects: wanted } = context;
    const sealed: unknown = JSON.parse(raw.body.toString('utf8'));
    const { traceparent } = raw.attributes;
    await requestNotification(manager, { event, sealed, traceparent, wanted });
  }
}
