import { type ConsumerContext, EventBatchPattern } from '@app/consumer';
import type { OpenedEvent } from '@app/contracts';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { requestNotifications } from './request-notifications.js';

@Controller()
export class AddressChangedHandler {
  /** The mail is the worker's: a command for it, with the personal data as sealed as it came. */
  @EventBatchPattern('AddressChanged')
  async handle(@Payload() events: OpenedEvent[], @Ctx() context: ConsumerContext): Promise<void> {
    const requests = context.rawEvents.map((raw, index) => ({
      event: events[index] as OpenedEvent,
      sealed: JSON.parse(raw.body.toString('utf8')) as unknown,
      traceparent: raw.attributes.traceparent,
      wanted: context.wantsEffectsOf(raw),
    }));
    await requestNotifications(context.manager, requests);
  }
}
